import { expect } from '@playwright/test';
import { report } from '../support/figures';
import { installStopwatch } from '../support/stopwatch';
import { test } from '../support/test';

/** How often the way from the click to the picture is measured. */
const RUNS = 30;

// From the click on "Join" to the first decoded frame of somebody who is already in the room. Each run is a person with
// a browser context of its own, so nothing is warm but what is warm in reality: the server, and the browser's process.
test('click "Join" → first remote frame', async ({ host }) => {
  const ana = await host.join('Ana', 'bench');
  const results: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const ben = await host.person('Ben');
    await ben.person.context.addInitScript(installStopwatch);
    await ben.openRoom('bench');
    await ben.expectState('prejoin');
    await ben.join();
    await ben.expectState('joined');
    await expect
      .poll(() => ben.page.evaluate(() => window.stopwatch.elapsed()), { message: 'a remote frame arrives' })
      .not.toBeNull();
    results.push((await ben.page.evaluate(() => window.stopwatch.elapsed())) ?? Number.NaN);
    await ben.person.context.close();
    await expect(ana.tile('Ben')).toHaveCount(0);
  }
  await report('joinToFirstFrame', 'click "Join" → first remote frame', results);
});
