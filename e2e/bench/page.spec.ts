import { expect } from '@playwright/test';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { report, reportNumbers } from '../support/figures';
import { serveFolder } from '../support/static-server';
import { test } from '../support/story-pages';

/** The page as it is shipped: `npm run build -w @videoroom/app` first. */
const dist = fileURLToPath(new URL('../../web/app/dist', import.meta.url));
const RUNS = 10;
const WATCHED_MS = 15_000;

test('JavaScript before the call', async () => {
  const assets = join(dist, 'assets');
  const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'));
  const sizes = await Promise.all(
    scripts.map(async (name) => [name, gzipSync(await readFile(join(assets, name)), { level: 9 }).length] as const),
  );
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  const each = Object.fromEntries(sizes.map(([name, bytes]) => [name.replace(/-[^-]+\.js$/, ''), bytes]));
  await reportNumbers('pageScripts', 'JavaScript before the call, gzip bytes', { ...each, total });
});

test('time until the page can be used on a processor of a quarter of the speed', async ({ browser }) => {
  const server = await serveFolder(dist);
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.addInitScript(() => {
      // The first moment at which a press would be answered: the form is there, and the thread that drew it is free again.
      const watch = new MutationObserver(() => {
        if (document.querySelector('form button[type=submit]') === null) return;
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => performance.mark('usable'), 0));
      });
      watch.observe(document, { childList: true, subtree: true });
    });
    await page.goto(server.origin);
    await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
    const usable = await page.waitForFunction(() => performance.getEntriesByName('usable')[0]?.startTime);
    times.push((await usable.jsonValue()) ?? Number.NaN);
    await context.close();
  }
  await server.close();
  await report('pageUsable', 'start page usable at a quarter of the speed', times);
});

test('long tasks with 25 moving tiles of 640 × 360', async ({ page, stories }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${stories.origin}/stories/index.html`);
  await page.evaluate(() => window.stories.show('room/Room/twentyFive'));
  await expect(page.locator('video')).toHaveCount(25);
  const tasks = await page.evaluate(
    (watched) =>
      new Promise<number[]>((resolve) => {
        const found: number[] = [];
        const observer = new PerformanceObserver((list) =>
          found.push(...list.getEntries().map((task) => task.duration)),
        );
        observer.observe({ entryTypes: ['longtask'] });
        setTimeout(() => {
          observer.disconnect();
          resolve(found);
        }, watched);
      }),
    WATCHED_MS,
  );
  const quality = await page.evaluate(() =>
    Array.from(document.querySelectorAll('video'), (video) => video.getVideoPlaybackQuality().totalVideoFrames),
  );
  await reportNumbers('pageLongTasks', `25 tiles for ${WATCHED_MS / 1000} s`, {
    'tasks over 50 ms': tasks.length,
    'tasks over 100 ms': tasks.filter((duration) => duration > 100).length,
    'longest task, ms': Math.round(Math.max(0, ...tasks)),
    'lowest frame rate': Math.round((Math.min(...quality) / (WATCHED_MS / 1000)) * 10) / 10,
  });
});
