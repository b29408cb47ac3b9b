import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepPlaying } from './playing';

class FakeElement extends EventTarget {
  srcObject: MediaProvider | null = null;
  paused = true;
  isConnected = true;
  plays = 0;
  refusal: string | null = null;

  play() {
    this.plays += 1;
    if (this.refusal !== null) return Promise.reject(new DOMException('', this.refusal));
    this.paused = false;
    return Promise.resolve();
  }
  pause() {
    this.paused = true;
    this.dispatchEvent(new Event('pause'));
  }
}

describe('keepPlaying', () => {
  let element: FakeElement;
  let stream: { active: boolean };
  let shown: (() => void) | null;
  const onBlocked = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    onBlocked.mockReset();
    element = new FakeElement();
    stream = { active: true };
    shown = null;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = () =>
    keepPlaying({
      element,
      stream: stream as MediaStream,
      onBlocked,
      onShown: (listener) => {
        shown = listener;
        return () => (shown = null);
      },
    });

  it('plays, and goes on after the system paused it', () => {
    const stop = start();
    expect([element.srcObject, element.plays]).toEqual([stream, 1]);
    element.pause();
    expect(element.plays, 'not at once').toBe(1);
    vi.advanceTimersByTime(1_000);
    expect([element.paused, element.plays]).toEqual([false, 2]);
    stop();
    expect([element.srcObject, shown]).toEqual([null, null]);
    element.pause();
    vi.advanceTimersByTime(5_000);
    expect(element.plays).toBe(2);
  });

  it('goes on when the page is shown again', () => {
    start();
    shown?.();
    expect(element.plays, 'it plays').toBe(1);
    element.paused = true;
    shown?.();
    expect(element.plays).toBe(2);
  });

  it.each([
    ['the stream ended', () => (stream.active = false)],
    ['the element was taken out', () => (element.isConnected = false)],
  ])('stays paused when %s', (_, end) => {
    start();
    end();
    element.pause();
    vi.advanceTimersByTime(5_000);
    expect(element.plays).toBe(1);
  });

  it.each([
    ['NotAllowedError', 1],
    ['AbortError', 0],
  ])('%s: blocked %d times', async (name, times) => {
    element.refusal = name;
    start();
    await vi.advanceTimersByTimeAsync(0);
    expect(onBlocked).toHaveBeenCalledTimes(times);
  });
});
