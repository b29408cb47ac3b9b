import { expect } from '@playwright/test';
import { Gathering } from '../../support/gathering';
import { test } from '../../support/test';

/** On a free machine everybody is back within 5 s (docs/benchmarks.md); a busy one gets twice as long. */
const BACK = 10_000;
/** A loss is nobody's business for 2 s; longer, nobody may be told that they are in the call while nothing moves. */
const PRETENCE = 4_000;

/** Everybody is back in time, where and how they were, and no page said meanwhile what was not so. */
async function expectBack(four: Gathering, before: Before, crashed: number, answers: number): Promise<void> {
  const times = await four.returned(before.peers, answers);
  expect(Math.max(...times), `back after ${times.join(', ')} ms`).toBeLessThan(BACK);
  for (const page of four.pages) await page.expectState('joined');
  await four.expectComplete();
  expect(await four.scenes()).toEqual(before.scenes);
  const pretences = await four.pretences(crashed);
  expect(Math.max(...pretences), `"joined" and nothing moves: ${pretences.join(', ')} ms`).toBeLessThan(PRETENCE);
}

/** How it was. */
interface Before {
  readonly scenes: readonly (readonly string[])[];
  readonly peers: readonly string[];
}

async function remember(four: Gathering): Promise<Before> {
  return { scenes: await four.scenes(), peers: await four.peers() };
}

test('after the server was killed and started again everybody is back in their place, without a click', async ({
  host,
  meeting,
}) => {
  const four = await Gathering.start(host, 'server killed');
  const before = await remember(four);
  const crashed = Date.now();
  await meeting.crash();
  for (const page of four.pages) await page.expectState('reconnecting');
  await meeting.restart();
  await expectBack(four, before, crashed, Date.now());
});

test.describe('with the media server on its own', () => {
  test.use({ deployment: 'split' });

  test('after the media server was killed and started again everybody is back in their place, without a click', async ({
    host,
    meeting,
  }) => {
    const { mediaServer } = meeting;
    if (mediaServer === null) throw new Error('in this form the media server is a process of its own');
    const four = await Gathering.start(host, 'media server killed');
    const before = await remember(four);
    const crashed = Date.now();
    await mediaServer.server.crash();
    for (const page of four.pages) await page.expectState('reconnecting');
    await mediaServer.restart();
    await expectBack(four, before, crashed, Date.now());
  });

  test('nobody in a call notices that the Backend was killed, and others join once it runs again', async ({
    host,
    meeting,
  }) => {
    const four = await Gathering.start(host, 'backend killed');
    const [before, peers] = [await four.scenes(), await four.peers()];
    await meeting.crash();
    await four.page('Ana').expectMoving(four.page('Ben').person);
    await four.page('Ben').expectMoving(four.page('Dan').person);
    expect(await four.scenes()).toEqual(before);
    await meeting.restart();
    const eve = await host.join('Eve', 'backend killed');
    await eve.expectSees(four.page('Ana').person);
    await four.page('Dan').expectSees(eve.person);
    expect(await four.peers(), 'nobody had to come again').toEqual(peers);
  });
});
