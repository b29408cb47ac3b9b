import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LinkWatch, linkOf, type Link } from './link';

it.each<[Parameters<typeof linkOf>[0], boolean, Link]>([
  [{ status: 'connected', media: 'none' }, false, 'good'],
  [{ status: 'connected', media: 'connecting' }, false, 'good'],
  [{ status: 'connected', media: 'flowing' }, false, 'good'],
  [{ status: 'connected', media: 'interrupted' }, false, 'good'],
  [{ status: 'connected', media: 'interrupted' }, true, 'lost'],
  [{ status: 'reconnecting', media: 'interrupted' }, false, 'lost'],
  [{ status: 'reconnecting', media: 'flowing' }, false, 'lost'],
  [{ status: 'connected', media: 'blocked' }, false, 'blocked'],
  [{ status: 'reconnecting', media: 'blocked' }, false, 'blocked'],
])('%j, for long: %s, is %s', (snapshot, isLong, link) => {
  expect(linkOf(snapshot, isLong)).toBe(link);
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('says by itself when an interruption lasts, and counts each one anew', () => {
  const onDue = vi.fn();
  const watch = new LinkWatch(onDue);
  const read = (media: 'flowing' | 'interrupted') => watch.read({ status: 'connected', media });
  expect(read('interrupted')).toBe('good');
  vi.advanceTimersByTime(900);
  expect(read('flowing')).toBe('good');
  vi.advanceTimersByTime(5_000);
  expect(onDue).not.toHaveBeenCalled();
  expect(read('interrupted')).toBe('good');
  // The system corrects its clock.
  vi.setSystemTime(Date.now() - 60_000);
  vi.advanceTimersByTime(1_000);
  expect(onDue).toHaveBeenCalledOnce();
  expect(read('interrupted')).toBe('lost');
  watch.stop();
});
