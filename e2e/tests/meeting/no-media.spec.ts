import { expect } from '@playwright/test';
import { expectNoBarrier } from '../../support/accessibility';
import { blockDatagrams, ownsNetwork } from '../../support/firewall';
import { test } from '../../support/test';

test('where sound and picture find no way the page says what it tried, and goes on as soon as there is one', async ({
  host,
}) => {
  test.skip(!ownsNetwork, 'needs a network of its own: run it inside netns.sh');
  const ana = await host.atDoor('Ana', 'blocked');
  const wall = await blockDatagrams();
  try {
    await ana.join();
    await ana.expectState('joined');
    // Eight seconds are the promise; the rest is for a busy machine.
    await expect(ana.noMedia, 'Ana is told').toBeVisible({ timeout: 12_000 });
    await expect(ana.noMedia).toContainText(/Tried .*10\.77\.0\.1.*, port \d+, over UDP\./);
    await expect(ana.noMedia, 'the likeliest cause of a server this close').toContainText('firewall');
    await ana.expectState('reconnecting');
    await expect(ana.ownTile, 'people stay where they are').toBeVisible();
    await expect(ana.announcements).toHaveText('Sound and picture do not get through');

    await ana.noMedia.getByRole('button', { name: 'Show details' }).click();
    await expect(ana.noMedia).toContainText('cause: server_firewall');
    await expect(ana.noMedia).toContainText(/server: udp 10\.77\.0\.1 port \d+/);
    await expectNoBarrier(ana.page, 'no media');
    await ana.noMedia.getByRole('button', { name: 'Try again' }).click();
    await expect(ana.noMedia.getByRole('button', { name: 'Trying again…' })).toBeVisible();
  } finally {
    await wall.lift();
  }
  await ana.expectState('joined', 30_000);
  await expect(ana.noMedia).toBeHidden();
  const ben = await host.join('Ben', 'blocked');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
});
