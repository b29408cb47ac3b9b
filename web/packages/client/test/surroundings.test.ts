import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { onOnline, onWake } from '../src/surroundings';

const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
const network: EventTarget & { type?: string | undefined } = Object.assign(new EventTarget(), { type: 'wifi' });
const browser = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal('window', Object.assign(browser, { setInterval, clearInterval }));
  vi.stubGlobal('document', page);
  vi.stubGlobal('navigator', { connection: network });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function networkBecomes(type: string | undefined): void {
  network.type = type;
  network.dispatchEvent(new Event('change'));
}

describe('the network', () => {
  it('tells when it is back or another one', () => {
    const listener = vi.fn();
    const stop = onOnline(listener);
    networkBecomes('wifi');
    networkBecomes('none');
    expect(listener).not.toHaveBeenCalled();
    networkBecomes('cellular');
    browser.dispatchEvent(new Event('online'));
    expect(listener).toHaveBeenCalledTimes(2);
    stop();
    networkBecomes('wifi');
    browser.dispatchEvent(new Event('online'));
    expect(listener).toHaveBeenCalledTimes(2);
  });
});

describe('sleep', () => {
  it('is a jump of the clock', () => {
    const slept: number[] = [];
    const stop = onWake((ms) => slept.push(ms));
    vi.advanceTimersByTime(60_000);
    expect(slept).toEqual([]);
    vi.setSystemTime(Date.now() + 600_000);
    vi.advanceTimersByTime(2_000);
    expect(slept).toEqual([600_000]);
    vi.advanceTimersByTime(60_000);
    stop();
    vi.setSystemTime(Date.now() + 600_000);
    vi.advanceTimersByTime(10_000);
    expect(slept).toEqual([600_000]);
  });

  it('may have been where nobody saw it', () => {
    const slept: number[] = [];
    const stop = onWake((ms) => slept.push(ms));
    page.visibilityState = 'hidden';
    page.dispatchEvent(new Event('visibilitychange'));
    expect(slept).toEqual([]);
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    browser.dispatchEvent(new Event('pageshow'));
    expect(slept).toEqual([0, 0]);
    stop();
    page.dispatchEvent(new Event('visibilitychange'));
    expect(slept).toEqual([0, 0]);
  });
});
