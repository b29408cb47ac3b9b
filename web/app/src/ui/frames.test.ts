import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchFrames } from './frames';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watched() {
  const video = { frames: 0, paused: false };
  const told: boolean[] = [];
  const stop = watchFrames(
    {
      get paused() {
        return video.paused;
      },
      getVideoPlaybackQuality: () => ({ totalVideoFrames: video.frames }) as VideoPlaybackQuality,
    },
    (frozen) => told.push(frozen),
  );
  /** Time passes, with or without new frames. */
  const pass = (seconds: number, moves: boolean) => {
    for (let second = 0; second < seconds; second += 1) {
      if (moves) video.frames += 15;
      vi.advanceTimersByTime(1_000);
    }
  };
  return { video, told, pass, stop };
}

it('says that a picture stands still, once, and that it moves again', () => {
  const { told, pass } = watched();
  pass(10, true);
  pass(3, false);
  expect(told).toEqual([]);
  pass(10, false);
  expect(told).toEqual([true]);
  pass(2, true);
  expect(told).toEqual([true, false]);
});

it('waits for the first frame, and for a picture that nobody plays', () => {
  const { video, told, pass } = watched();
  pass(20, false);
  pass(1, true);
  video.paused = true;
  pass(20, false);
  expect(told).toEqual([]);
});

it('stops when told', () => {
  const { told, pass, stop } = watched();
  pass(1, true);
  stop();
  pass(20, false);
  expect(told).toEqual([]);
});
