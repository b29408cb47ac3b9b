import { expect } from '@playwright/test';
import { chromiumLaunch } from '../../support/browsers';
import { test } from '../../support/test';

/** Browsers slow a hidden page down after ten seconds. */
const HIDDEN_MS = 25_000;

test('a tab behind another one keeps its sound', async ({ host }) => {
  const ana = await host.join('Ana', 'background', { ownProcess: chromiumLaunch });
  const ben = await host.join('Ben', 'background');
  await ana.expectWith([ben.person]);

  const front = await ana.person.context.newPage();
  await front.bringToFront();
  const since = Date.now();
  await expect
    .poll(() => ana.page.evaluate(() => document.visibilityState), { message: 'Ana’s tab is hidden' })
    .toBe('hidden');
  await ana.expectHears([ben.person]);
  const heard = new Set<string>();
  await expect
    .poll(
      async () => {
        heard.add(JSON.stringify(await ana.page.evaluate(() => window.probe.voices())));
        return Date.now() - since;
      },
      { message: 'the tab stays hidden', timeout: HIDDEN_MS + 10_000, intervals: [250] },
    )
    .toBeGreaterThan(HIDDEN_MS);
  expect([...heard], 'Ben is heard all the time').toEqual([JSON.stringify([ben.person.id])]);
  await ben.expectHears([ana.person]);
  await ana.page.bringToFront();
  await ana.expectWith([ben.person]);
});
