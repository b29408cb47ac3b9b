import { expect } from '@playwright/test';
import { roomOf } from '../../support/backend';
import { test } from '../../support/network';

// The roamer's computer does not reach loopback addresses of this one.
test.use({ pageHost: '0.0.0.0' });

/** Far below the minute after which the server drops a socket that says nothing. */
const BACK = 20_000;

test('a computer that goes from a Wi-Fi to another network stays in the call, and is the same for everybody', async ({
  host,
  meeting,
  roamer,
}) => {
  const origin = `https://${roamer.host}:${new URL(meeting.origin).port}`;
  const ana = await host.join('Ana', 'roaming', { origin, ownProcess: roamer.launch });
  const ben = await host.join('Ben', 'roaming');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
  const [peer, before] = [await ana.peerId(), await ana.page.evaluate(() => window.wiretap.sockets)];

  for (const [round, move] of [() => roamer.changeNetwork(), () => roamer.changeBack()].entries()) {
    const since = Date.now();
    await move();
    await expect
      .poll(() => ana.page.evaluate(() => window.wiretap.answers.length), { message: 'a new socket works' })
      .toBe(before + round + 1);
    await ben.expectMoving(ana.person);
    await ana.expectMoving(ben.person);
    expect(Date.now() - since, 'long before the old socket is given up').toBeLessThan(BACK);
    await ana.expectState('joined');
    await ana.turnOff('microphone');
    await ben.expectTold(ana.person, 'microphone', 'off');
    await ana.turnOn('microphone');
    await ben.expectWith([ana.person]);
    await ana.expectWith([ben.person]);
    expect(await ana.peerId(), 'the same peer').toBe(peer);
  }
  const { peers } = await roomOf(meeting, peer);
  expect(peers.map(({ status }) => status)).toEqual(['connected', 'connected']);
  expect(await ana.page.evaluate(() => window.wiretap.connections), 'media went on').toBe(1);
});
