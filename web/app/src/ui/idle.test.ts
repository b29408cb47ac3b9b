import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchIdle } from './idle';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells when nothing happens for a while, and when something does', () => {
  const page = new EventTarget();
  const told: boolean[] = [];
  const stop = watchIdle(page, 4_000, (idle) => told.push(idle));
  vi.advanceTimersByTime(3_999);
  page.dispatchEvent(new Event('pointermove'));
  vi.advanceTimersByTime(3_999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([true]);
  page.dispatchEvent(new Event('keydown'));
  expect(told).toEqual([true, false]);
  vi.advanceTimersByTime(4_000);
  stop();
  expect(told, 'whoever stops listening is not left with a quiet page').toEqual([true, false, true, false]);
  page.dispatchEvent(new Event('pointerdown'));
  vi.advanceTimersByTime(10_000);
  expect(told).toHaveLength(4);
});
