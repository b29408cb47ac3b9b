import { expect } from '@playwright/test';
import type { MeetingPage } from '../pages/meeting-page';
import { report } from '../support/figures';
import { Gathering } from '../support/gathering';
import { test } from '../support/network';

/** How often each fault happens; four pages come back each time. */
const RUNS = 5;
/** How long the tunnel is, in milliseconds. */
const TUNNEL_MS = 20_000;
/** How long a call that shall not notice anything is watched after a fault, in milliseconds. */
const WATCHED_MS = 5_000;

/** Time passes in which something else must not happen. */
async function pass(milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  await expect
    .poll(() => Date.now(), { message: 'time passes', timeout: milliseconds + 10_000, intervals: [250] })
    .toBeGreaterThan(end);
}

// From the moment at which the new server answers to the first decoded frame of everybody else, in each of four pages.
test('the process is killed and started again', async ({ host, meeting }) => {
  const four = await Gathering.start(host, 'bench');
  const results: number[] = [];
  const starts: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const former = await four.peers();
    await meeting.crash();
    for (const page of four.pages) await page.expectState('reconnecting');
    const start = Date.now();
    await meeting.restart();
    const ready = Date.now();
    starts.push(ready - start);
    results.push(...(await four.returned(former, ready)));
    await four.expectComplete();
  }
  await report('startToReady', 'start → ready', starts);
  await report('processKilled', 'process killed: server answers → all pictures', results);
});

test.describe('with the media server on its own', () => {
  test.use({ deployment: 'split' });

  test('the media server is killed and started again', async ({ host, meeting }) => {
    const { mediaServer } = meeting;
    if (mediaServer === null) throw new Error('in this form the media server is a process of its own');
    const four = await Gathering.start(host, 'bench');
    const results: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const former = await four.peers();
      await mediaServer.server.crash();
      for (const page of four.pages) await page.expectState('reconnecting');
      await mediaServer.restart();
      results.push(...(await four.returned(former, Date.now())));
      await four.expectComplete();
    }
    await report('mediaServerKilled', 'media server killed: server answers → all pictures', results);
  });

  // The longest time between two decoded frames of anybody, in each of four pages: without a fault, and with one.
  test('the Backend is killed and started again', async ({ host, meeting }) => {
    const four = await Gathering.start(host, 'bench');
    const undisturbed: number[] = [];
    const results: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const before = Date.now();
      await pass(WATCHED_MS);
      undisturbed.push(...(await four.gaps(before)));
      const since = Date.now();
      await meeting.crash();
      await pass(WATCHED_MS / 2);
      await meeting.restart();
      await pass(WATCHED_MS / 2);
      results.push(...(await four.gaps(since)));
    }
    await report('undisturbed', 'nothing happens: longest gap between frames', undisturbed);
    await report('backendKilled', 'Backend killed: longest gap between frames', results);
  });
});

test('sockets are lost without a close frame', async ({ host, cable }) => {
  const four = await Gathering.start(host, 'bench', () => ({ origin: cable.origin }));
  const peers = await four.peers();
  const gaps: number[] = [];
  const resumptions: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const since = Date.now();
    cable.cut();
    resumptions.push(...(await Promise.all(four.pages.map((page) => answered(page, since)))));
    await pass(WATCHED_MS);
    gaps.push(...(await four.gaps(since)));
    expect(await four.peers(), 'nobody had to come again').toEqual(peers);
  }
  await report('socketLost', 'socket lost → session resumed on a new one', resumptions);
  await report('socketLostGap', 'socket lost: longest gap between frames', gaps);
});

/** Waits until a socket that was opened since then has brought something; the milliseconds until it did. */
async function answered({ page, name }: MeetingPage, since: number): Promise<number> {
  const first = (): Promise<number | null> =>
    page.evaluate((after) => window.wiretap.answers.find((at) => at >= after) ?? null, since);
  await expect.poll(first, { message: `${name}'s socket is replaced`, intervals: [100] }).not.toBeNull();
  return ((await first()) ?? Infinity) - since;
}

// From the moment at which datagrams pass again to the first decoded frame of everybody else, in each of four pages.
test('media is lost while sockets live', async ({ host, block }) => {
  const four = await Gathering.start(host, 'bench');
  const results: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const before = await Promise.all(four.pages.map(({ page }) => page.evaluate(() => window.wiretap.restarts)));
    const { lift } = await block();
    for (const [index, { page, name }] of four.pages.entries()) {
      await expect
        .poll(() => page.evaluate(() => window.wiretap.restarts), { message: `${name} looks for a new way` })
        .toBeGreaterThan(before[index] ?? 0);
    }
    await lift();
    results.push(...(await four.returned([], Date.now())));
    await four.expectComplete();
  }
  await report('mediaLost', 'media lost until all restart ICE: way free → all pictures', results);
});

test('everything is lost for 20 seconds', async ({ host, cable, block }) => {
  const four = await Gathering.start(host, 'bench', () => ({ origin: cable.origin }));
  const results: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { lift } = await block(new URL(cable.origin).port);
    await pass(TUNNEL_MS);
    await lift();
    results.push(...(await four.returned([], Date.now())));
    await four.expectComplete();
  }
  await report('tunnel', 'everything lost for 20 s: network back → all pictures', results);
});

test.describe('with a server that is not only on this machine', () => {
  test.use({ pageHost: '0.0.0.0' });

  // From the change of the network to the first frame behind the gap: of everybody else at Ana's, who moves, of Ana at the others'.
  test('a computer changes from Wi-Fi to another network', async ({ host, meeting, roamer }) => {
    const origin = `https://${roamer.host}:${new URL(meeting.origin).port}`;
    const four = await Gathering.start(host, 'bench', (name) =>
      name === 'Ana' ? { origin, ownProcess: roamer.launch } : {},
    );
    const peers = await four.peers();
    const results: number[] = [];
    const signalling: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const since = Date.now();
      await (run % 2 === 0 ? roamer.changeNetwork() : roamer.changeBack());
      signalling.push(await answered(four.page('Ana'), since));
      await four.expectComplete();
      await pass(WATCHED_MS);
      results.push(...(await four.gapEnds(since)).map((at) => at - since));
    }
    expect(await four.peers(), 'nobody had to come again').toEqual(peers);
    await report('networkChangedSocket', 'network changed → session resumed on a new socket', signalling);
    await report('networkChanged', 'network changed → pictures', results);
  });
});
