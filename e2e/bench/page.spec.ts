import { expect } from '@playwright/test';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { serveFolder } from '../support/static-server';
import { test } from '../support/story-pages';

/** The page as it is shipped: `npm run build -w @videoroom/app` first. */
const dist = fileURLToPath(new URL('../../web/app/dist', import.meta.url));
const RUNS = 10;
const WATCHED_MS = 15_000;

const figures: Record<string, number | string> = {};

test.afterAll(async () => {
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  const output = process.env['BENCH_OUTPUT'];
  if (output === undefined) return;
  // Other benchmarks of the same run may have written theirs.
  const others = await readFile(output, 'utf8').catch(() => '{}');
  await writeFile(output, JSON.stringify({ ...(JSON.parse(others) as object), page: figures }, null, 2));
});

test('JavaScript before the call', async () => {
  const assets = join(dist, 'assets');
  const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'));
  const sizes = await Promise.all(
    scripts.map(async (name) => [name, gzipSync(await readFile(join(assets, name)), { level: 9 }).length] as const),
  );
  for (const [name, bytes] of sizes) figures[`gzip bytes of ${name.replace(/-[^-]+\.js$/, '')}`] = bytes;
  figures['gzip bytes of all scripts'] = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
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
  times.sort((a, b) => a - b);
  figures['ms until usable, median'] = Math.round(times[Math.floor(RUNS / 2)] ?? Number.NaN);
  figures['ms until usable, worst'] = Math.round(times.at(-1) ?? Number.NaN);
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
  figures['tasks over 50 ms in 15 s'] = tasks.length;
  figures['tasks over 100 ms in 15 s'] = tasks.filter((duration) => duration > 100).length;
  figures['longest task, ms'] = Math.round(Math.max(0, ...tasks));
  figures['frames per tile and second, lowest'] = (Math.min(...quality) / (WATCHED_MS / 1000)).toFixed(1);
});
