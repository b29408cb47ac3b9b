import { expect } from '@playwright/test';
import { loseDatagrams, ownsNetwork } from '../../support/firewall';
import { test } from '../../support/test';

test('a way to the server that loses much is said on the tile of whoever it concerns, as long as it does', async ({
  host,
}) => {
  test.skip(!ownsNetwork, 'without a network of its own this would disturb the whole machine');
  const ana = await host.join('Ana', 'weak link');
  const ben = await host.join('Ben', 'weak link');
  await ben.expectWith([ana.person]);
  await expect(ana.ownTile).not.toContainText('connection');

  const loss = await loseDatagrams(30);
  // Several looks have to agree, seconds apart.
  const patience = { timeout: 40_000 };
  await expect(ana.ownTile).toContainText('unsteady connection', patience);
  await expect(ben.tile('Ana')).toContainText('unsteady connection', patience);
  await expect(ben.tile('Ana')).toHaveAccessibleName(/^Ana.*, unsteady connection/);

  await loss.lift();
  await expect(ana.ownTile).not.toContainText('connection', patience);
  await expect(ben.tile('Ana')).not.toContainText('connection', patience);
});
