import { expect } from '@playwright/test';
import { Gathering } from '../../support/gathering';
import { test } from '../../support/test';

/** On a free machine everybody is back within 5 s (docs/benchmarks.md); a busy one gets more time. */
const BACK = 15_000;

test('after the server was killed and started again everybody is back in their place, without a click', async ({
  host,
  meeting,
}) => {
  const four = await Gathering.start(host, 'server killed');
  const [before, former] = [await four.scenes(), await four.peers()];
  await meeting.crash();
  for (const page of four.pages) await page.expectState('reconnecting');
  await meeting.restart();
  const times = await four.returned(former, Date.now());
  expect(Math.max(...times), `back after ${times.join(', ')} ms`).toBeLessThan(BACK);
  for (const page of four.pages) await page.expectState('joined');
  await four.expectComplete();
  expect(await four.scenes()).toEqual(before);
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
    const [before, former] = [await four.scenes(), await four.peers()];
    await mediaServer.server.crash();
    for (const page of four.pages) await page.expectState('reconnecting');
    await mediaServer.restart();
    const times = await four.returned(former, Date.now());
    expect(Math.max(...times), `back after ${times.join(', ')} ms`).toBeLessThan(BACK);
    await four.expectComplete();
    expect(await four.scenes()).toEqual(before);
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
