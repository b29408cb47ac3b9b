import { expect, it } from 'vitest';
import { cameraLimits, shareLimits } from './limits';

it.each([
  [1, { width: 640, height: 360 }, 600_000, 30, 1],
  [6, { width: 1280, height: 720 }, 600_000, 30, 2],
  [6, { width: 360, height: 640 }, 600_000, 30, 1],
  [2, { width: 320, height: 180 }, 600_000, 30, 1],
  [7, { width: 640, height: 360 }, 300_000, 24, 640 / 480],
  [13, { width: 640, height: 360 }, 150_000, 15, 2],
  [3, {}, 600_000, 30, 1],
])('%d people, camera %o', (people, size, maxBitrate, maxFramerate, scaleResolutionDownBy) => {
  expect(cameraLimits(people, size)).toEqual({ maxBitrate, maxFramerate, scaleResolutionDownBy });
});

it.each([
  ['text', { width: 1920, height: 1080 }, 15, 1],
  ['motion', { width: 1920, height: 1080 }, 30, 1],
  ['text', { width: 1080, height: 1920 }, 15, 1],
  ['text', { width: 3840, height: 2160 }, 15, 2],
  ['text', { width: 1440, height: 2880 }, 15, 1.5],
  ['motion', {}, 30, 1],
] as const)('a screen with %s, %o', (hint, size, maxFramerate, scaleResolutionDownBy) => {
  expect(shareLimits(hint, size)).toEqual({ maxBitrate: 2_500_000, maxFramerate, scaleResolutionDownBy });
});
