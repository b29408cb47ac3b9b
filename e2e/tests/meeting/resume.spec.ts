import { expect } from '@playwright/test';
import type { MeetingPage } from '../../pages/meeting-page';
import { test } from '../../support/network';

/** Watches a person's tile at somebody else's: it must neither go nor change its peer. */
async function watchTile(viewer: MeetingPage, of: MeetingPage): Promise<() => Promise<void>> {
  const tile = await viewer.tile(of.name).elementHandle();
  const peerId = await tile.getAttribute('data-peer-id');
  return async () => {
    expect(await tile.evaluate((element) => element.isConnected), `${viewer.name} kept the tile`).toBe(true);
    expect(await tile.getAttribute('data-peer-id'), `${of.name} is the same peer`).toBe(peerId);
  };
}

/** Waits until the person's page has opened this many sockets. */
async function expectSockets({ page, name }: MeetingPage, count: number): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.wiretap.sockets), { message: `${name}'s sockets` }).toBe(count);
}

/** Both hear of what the other changes, and see each other move. */
async function expectBothWays(ana: MeetingPage, ben: MeetingPage): Promise<void> {
  await ana.turnOff('microphone');
  await ben.expectTold(ana.person, 'microphone', 'off');
  await ben.turnOff('microphone');
  await ana.expectTold(ben.person, 'microphone', 'off');
  await ana.turnOn('microphone');
  await ben.turnOn('microphone');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
}

test('a connection that breaks without a word is replaced, and nobody notices @both', async ({ host, cable }) => {
  const ana = await host.join('Ana', 'broken cable', { origin: cable.origin });
  const ben = await host.join('Ben', 'broken cable');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
  const expectNoLeave = await watchTile(ben, ana);
  const peerId = await ana.peerId();

  for (let round = 1; round <= 2; round += 1) {
    const { sockets } = await ana.page.evaluate(() => window.wiretap);
    cable.cut();
    await expectSockets(ana, sockets + 1);
    await ben.expectMoving(ana.person);
    await ana.expectMoving(ben.person);
    await ana.expectState('joined');
    await expectBothWays(ana, ben);
    await expectNoLeave();
  }
  expect(await ana.peerId()).toBe(peerId);
  expect(await ana.page.evaluate(() => window.wiretap.connections), 'media went on').toBe(1);
  await ana.leaveButton.click();
  await expect(ben.tiles, 'leaving still ends it at once').toHaveCount(1);
});

test('a connection on which nothing arrives any more is found by the heartbeat', async ({ host, cable }) => {
  const ana = await host.join('Ana', 'silent cable', { origin: cable.origin });
  const ben = await host.join('Ben', 'silent cable');
  await ana.expectWith([ben.person]);
  const expectNoLeave = await watchTile(ben, ana);
  const { sockets } = await ana.page.evaluate(() => window.wiretap);

  cable.fallSilent();
  await expectSockets(ana, sockets + 1);
  await ana.expectState('joined');
  await expectBothWays(ana, ben);
  await expectNoLeave();
});

test('media that is lost while signalling works is back by a restart of ICE', async ({ host, block }) => {
  const ana = await host.join('Ana', 'lost media');
  const ben = await host.join('Ben', 'lost media');
  await ana.expectWith([ben.person]);
  const expectNoLeave = await watchTile(ben, ana);
  const { sockets } = await ana.page.evaluate(() => window.wiretap);
  const statesOf = ({ page }: MeetingPage) => page.evaluate(() => window.wiretap.states);
  const before = [await statesOf(ana), await statesOf(ben)];

  const { lift } = await block();
  for (const [index, person] of [ana, ben].entries()) {
    // The page looks for another way at once: the state may be the next one already.
    await expect
      .poll(async () => (await statesOf(person)).slice(before[index]?.length), `${person.name}'s browser notices`)
      .toContain('disconnected');
  }
  await expect
    .poll(() => ana.page.evaluate(() => window.wiretap.restarts), { message: 'Ana looks for a new way' })
    .toBeGreaterThan(0);
  await lift();
  await expectBothWays(ana, ben);
  await expectNoLeave();
  expect(await ana.page.evaluate(() => window.wiretap.connections), 'the connection is the same').toBe(1);
  await expectSockets(ana, sockets);
});

test('people whose network is gone for 20 seconds are back without a click', async ({ host, cable, block }) => {
  const ana = await host.join('Ana', 'tunnel', { origin: cable.origin });
  const ben = await host.join('Ben', 'tunnel', { origin: cable.origin });
  await ana.expectWith([ben.person]);

  const since = Date.now();
  const { lift } = await block(new URL(cable.origin).port);
  await ana.expectState('reconnecting');
  await ben.expectState('reconnecting');
  await expect
    .poll(() => Date.now() - since, { message: 'the tunnel is long', timeout: 30_000 })
    .toBeGreaterThan(20_000);
  await lift();
  await ana.expectState('joined');
  await ben.expectState('joined');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
});
