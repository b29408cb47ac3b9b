import { expect } from '@playwright/test';
import { roomOf } from '../../support/backend';
import { chromiumLaunch } from '../../support/browsers';
import { closeLid, installSleepingClock, openLid } from '../../support/lid';
import { test } from '../../support/network';

/** How much faster time passes by the wall clock of a computer that sleeps: 20 seconds are ten minutes. */
const FACTOR = 30;
/** How long it sleeps, in milliseconds. */
const SLEEP_MS = 20_000;
/** More attempts than a call makes before it gives up. */
const ATTEMPTS = 200;
/** The longest pause between two of them, in milliseconds. */
const PAUSE_MS = 6_000;

test('a laptop that was closed for ten minutes is back without a click', async ({ host, meeting, cable }) => {
  const ana = await host.person('Ana', { origin: cable.origin, ownProcess: chromiumLaunch });
  const { pid } = ana.person;
  if (pid === null) throw new Error('a process of its own has an id');
  await ana.person.context.addInitScript(installSleepingClock, { factor: FACTOR });
  await ana.openRoom('lid');
  await ana.expectState('prejoin');
  await ana.join();
  const ben = await host.join('Ben', 'lid');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
  await ana.turnOff('microphone');
  const [peer, person] = [await ana.peerId(), await ana.personId()];
  const { id: room } = await roomOf(meeting, peer);

  const closed = Date.now();
  await closeLid(pid);
  // What is on the way forgets connections on which nothing passes.
  cable.cut();
  await expect(ben.tiles, 'Ana is gone from Ben’s page').toHaveCount(1);
  const status = async (): Promise<string | undefined> =>
    (await meeting.api.room(room))?.peers.find(({ id }) => id === peer)?.status;
  await expect.poll(status, { message: 'the server has let her go' }).not.toBe('connected');
  await expect
    .poll(() => Date.now() - closed, { message: 'she sleeps', timeout: SLEEP_MS + 5_000 })
    .toBeGreaterThan(SLEEP_MS);
  await openLid(pid);

  await ben.expectSees(ana.person);
  await ana.expectState('joined');
  await ana.expectWith([ben.person]);
  await ben.expectTold(ana.person, 'microphone', 'off');
  expect(await ana.personId(), 'the same person').toBe(person);
});

test('who wakes up to a call that cannot be taken up again is told so, and is back with one button', async ({
  host,
  meeting,
}) => {
  const ana = await host.person('Ana', { devices: { camera: false, microphone: false } });
  await ana.page.clock.install();
  await ana.openRoom('asleep');
  await ana.expectState('prejoin');
  await ana.join();
  await ana.expectState('joined');

  await meeting.crash();
  await ana.page.clock.fastForward('10:00');
  await ana.expectState('reconnecting');
  const state = (): Promise<string | null> => ana.page.locator('[data-call-state]').getAttribute('data-call-state');
  for (let attempt = 0; attempt < ATTEMPTS && (await state()) !== 'failed'; attempt += 1) {
    await ana.page.clock.fastForward(PAUSE_MS);
  }
  await ana.expectFailure('away');
  await expect(ana.page.getByRole('heading', { name: 'You were away' })).toBeVisible();
  await expect(ana.page.getByRole('main').getByRole('button')).toHaveCount(1);

  await ana.page.clock.resume();
  await meeting.restart();
  await ana.cure.click();
  await ana.expectState('joined');
  const ben = await host.join('Ben', 'asleep');
  await ana.expectSees(ben.person);
});
