import { expect } from '@playwright/test';
import { test } from '../../support/test';

test('a publisher finds out how much its network takes, and hears how its packets arrive', async ({ host }) => {
  // A device's own picture, which needs more than a browser dares to send at first.
  const ana = await host.join('Ana', 'bandwidth', { ownDevices: true });
  await host.join('Ben', 'bandwidth');
  const outgoing = () => ana.person.page.evaluate(() => window.wiretap.outgoing());
  await expect
    .poll(async () => (await outgoing()).available, { message: 'bit/s that Ana believes in', timeout: 30_000 })
    .toBeGreaterThan(1_500_000);
  await expect
    .poll(async () => (await outgoing()).limitation, { message: 'what limits her picture', timeout: 30_000 })
    .not.toBe('bandwidth');
  const { roundTrip, packetsLost } = await outgoing();
  expect(roundTrip, 'reports say how long the way is').toBeLessThan(0.5);
  expect(packetsLost, 'nothing is lost on this machine').toBeLessThan(50);
});
