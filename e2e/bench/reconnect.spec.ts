import { report } from '../support/figures';
import { Gathering } from '../support/gathering';
import { test } from '../support/test';

/** How often each fault happens; four pages come back each time. */
const RUNS = 5;

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
});
