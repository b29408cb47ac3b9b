import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LinkWatch, linkOf, type Link } from './link';

it.each<[Parameters<typeof linkOf>[0], number, Link]>([
  [{ status: 'connected', media: 'none' }, 0, 'good'],
  [{ status: 'connected', media: 'connecting' }, 0, 'good'],
  [{ status: 'connected', media: 'flowing' }, 0, 'good'],
  [{ status: 'connected', media: 'interrupted' }, 999, 'good'],
  [{ status: 'connected', media: 'interrupted' }, 1_000, 'lost'],
  [{ status: 'reconnecting', media: 'interrupted' }, 0, 'lost'],
  [{ status: 'reconnecting', media: 'flowing' }, 0, 'lost'],
  [{ status: 'connected', media: 'blocked' }, 0, 'blocked'],
  [{ status: 'reconnecting', media: 'blocked' }, 0, 'blocked'],
])('%j after %d ms is %s', (snapshot, interruptedMs, link) => {
  expect(linkOf(snapshot, interruptedMs)).toBe(link);
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('says by itself when an interruption lasts, and counts each one anew', () => {
  const onDue = vi.fn();
  const watch = new LinkWatch(() => Date.now(), onDue);
  const read = (media: 'flowing' | 'interrupted') => watch.read({ status: 'connected', media });
  expect(read('interrupted')).toBe('good');
  vi.advanceTimersByTime(900);
  expect(read('flowing')).toBe('good');
  vi.advanceTimersByTime(5_000);
  expect(onDue).not.toHaveBeenCalled();
  expect(read('interrupted')).toBe('good');
  vi.advanceTimersByTime(1_000);
  expect(onDue).toHaveBeenCalledOnce();
  expect(read('interrupted')).toBe('lost');
  watch.stop();
});
