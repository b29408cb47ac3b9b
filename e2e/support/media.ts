import { expect, type Locator, type Page } from '@playwright/test';
import type { Identity } from './identity';

/** How long media may take to arrive, in milliseconds: an order of magnitude above what it takes on a free machine. */
const MEDIA_LIMIT = 15_000;

/** Waits until the video shows this person, moving. */
export async function expectPicture(video: Locator, of: Identity, whose: string): Promise<void> {
  const message = `${whose} picture arrives`;
  await expect
    .poll(() => video.evaluate((element) => window.probe.picture(element)), { message, timeout: MEDIA_LIMIT })
    .toBe(of);
  await expectMoving(video, whose);
}

/** Waits until the video has shown ten further frames. */
export async function expectMoving(video: Locator, whose: string): Promise<void> {
  const frames = (): Promise<number> => video.evaluate((element) => window.probe.frames(element));
  let before = await frames();
  await expect
    .poll(
      async () => {
        const now = await frames();
        // A new connection begins to count anew.
        before = Math.min(before, now);
        return now - before;
      },
      { message: `${whose} picture moves`, timeout: MEDIA_LIMIT },
    )
    .toBeGreaterThanOrEqual(10);
}

/** Waits until the page plays exactly these people's voices. */
export async function expectVoices(page: Page, of: readonly Identity[], where: string): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => window.probe.voices()), {
      message: `the right voices play ${where}`,
      timeout: MEDIA_LIMIT,
    })
    .toEqual([...of].sort((a, b) => a - b));
}
