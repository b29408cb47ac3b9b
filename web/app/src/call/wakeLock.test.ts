import { beforeEach, describe, expect, it } from 'vitest';
import { keepAwake } from './wakeLock';

class FakeLock {
  released = false;
  release() {
    this.released = true;
    return Promise.resolve();
  }
}

describe('keepAwake', () => {
  let locks: FakeLock[];
  let visible: boolean;
  let listeners: Set<() => void>;
  let request: () => Promise<FakeLock>;

  beforeEach(() => {
    locks = [];
    visible = true;
    listeners = new Set();
    request = () => {
      const lock = new FakeLock();
      locks.push(lock);
      return Promise.resolve(lock);
    };
  });

  const start = () =>
    keepAwake({
      request: () => request(),
      isVisible: () => visible,
      onVisibility: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const show = async (now: boolean) => {
    visible = now;
    // The system takes the lock back by itself.
    if (!now) for (const lock of locks) lock.released = true;
    for (const listener of listeners) listener();
    await settle();
  };
  const held = () => locks.filter(({ released }) => !released).length;

  it('holds one lock, and gets it again after the page was hidden', async () => {
    const stop = start();
    await settle();
    await show(true);
    expect([held(), locks.length]).toEqual([1, 1]);
    await show(false);
    expect(held()).toBe(0);
    await show(true);
    expect([held(), locks.length]).toEqual([1, 2]);
    stop();
    expect(held()).toBe(0);
    await show(true);
    expect(locks).toHaveLength(2);
  });

  it('gives back a lock that comes after the end', async () => {
    start()();
    await settle();
    expect([held(), locks.length]).toEqual([0, 1]);
  });

  it('lives with a refusal, and asks again', async () => {
    const grant = request;
    request = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    start();
    await settle();
    request = grant;
    await show(true);
    expect(held()).toBe(1);
  });

  it('does nothing where the browser cannot', () => {
    const edges = { request: null, isVisible: () => true, onVisibility: () => expect.fail('nothing to wait for') };
    expect(() => keepAwake(edges)()).not.toThrow();
  });
});
