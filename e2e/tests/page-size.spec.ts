import { expect } from '@playwright/test';
import { gzipSync } from 'node:zlib';
import { test } from '../support/test';

/** What all scripts may weigh that are loaded before the call begins, as gzip, in bytes. */
const LIMIT = 200_000;

/** Asked for anew: browsers forget what they loaded for a page that was left. */
async function bodyOf(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  expect(response.ok, url).toBe(true);
  return response.arrayBuffer();
}

test('the scripts before the call are small', async ({ host }) => {
  const ana = await host.person('Ana');
  const scripts = new Set<string>();
  ana.page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.add(response.url());
  });
  await ana.openHome();
  await ana.expectState('home');
  await ana.openRoom('Light');
  await ana.expectState('prejoin');
  // Its code comes while people look into the mirror: the room is drawn by the time nothing is on its way.
  await ana.page.waitForLoadState('networkidle');
  await ana.join();
  await ana.expectState('joined');
  const sizes = await Promise.all(
    Array.from(scripts, async (url) => [url, gzipSync(await bodyOf(url), { level: 9 }).length] as const),
  );
  expect(sizes.length, 'there are scripts').toBeGreaterThan(1);
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  expect(total, JSON.stringify(sizes)).toBeLessThanOrEqual(LIMIT);
});
