import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimIdentity, type ClaimEdges } from './claim';
import { Stays, type Stay } from './resume';

const stay: Stay = { identity: 'secret', name: 'Ana', joined: true, microphone: true, camera: false, since: 1000 };

function memory(values = new Map<string, string>()) {
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}

describe('Stays', () => {
  it('keeps one stay per room, whatever the case of its name', () => {
    const stays = new Stays(memory());
    stays.write('Daily', stay);
    stays.update('daily', { joined: false });
    stays.update('other', { joined: false });
    expect(stays.read(' DAILY ')).toEqual({ ...stay, joined: false });
    expect(stays.read('other')).toBeNull();
    stays.forget('daily');
    expect(stays.read('daily')).toBeNull();
  });

  it('keeps it under the folded name, not the typed one', () => {
    const store = memory();
    new Stays(store).write(' TWO', stay);
    expect([...store.values.keys()]).toEqual(['videoroom:stay:two']);
    expect(new Stays(store).read('Two')).toEqual(stay);
  });

  it.each(['', '{', 'null', '{"identity":"x"}', '{"identity":7,"name":"x"}'])('ignores %j', (text) => {
    expect(new Stays(memory(new Map([['videoroom:stay:daily', text]]))).read('daily')).toBeNull();
  });

  it('lives without storage', () => {
    const stays = new Stays(null);
    stays.write('daily', stay);
    expect(stays.read('daily')).toBeNull();
  });
});

/** Exclusive locks in order of request, as browsers grant them. */
class FakeLocks {
  private readonly waiting = new Map<string, Promise<unknown>>();

  request = ((name: string, options: LockOptions, grant: () => Promise<undefined>) => {
    const before = this.waiting.get(name) ?? Promise.resolve();
    const aborted = new Promise<'aborted'>((resolve) => {
      options.signal?.addEventListener('abort', () => resolve('aborted'));
    });
    const turn = Promise.race([before.then(() => 'granted' as const), aborted]).then(async (outcome) => {
      if (outcome === 'aborted') throw new DOMException('not in time', 'AbortError');
      await grant();
    });
    this.waiting.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }) as LockManager['request'];
}

/** Channels of one origin that deliver to all others. */
function fakeChannels() {
  const open = new Set<BroadcastChannel>();
  return (name: string): BroadcastChannel => {
    const channel = {
      name,
      onmessage: null as BroadcastChannel['onmessage'],
      postMessage: (data: unknown) => {
        for (const other of open) {
          if (other !== channel && other.name === name) {
            setTimeout(() => void other.onmessage?.({ data } as MessageEvent), 1);
          }
        }
      },
      close: () => void open.delete(channel),
    } as unknown as BroadcastChannel;
    open.add(channel);
    return channel;
  };
}

describe.each<[string, () => ClaimEdges]>([
  ['locks', () => ({ locks: new FakeLocks(), channel: () => null })],
  ['channel', () => ({ locks: null, channel: fakeChannels() })],
])('claimIdentity by %s', (_, makeEdges) => {
  let edges: ClaimEdges;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), ms);
      return controller.signal;
    });
    edges = makeEdges();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  /** Lets `ms` pass, and the digest, which is computed elsewhere, be ready. */
  async function settle<T>(claim: Promise<T>, ms = 1000): Promise<T> {
    let done = false;
    void claim.then(() => (done = true));
    await vi.waitFor(
      async () => {
        await vi.advanceTimersByTimeAsync(ms);
        expect(done).toBe(true);
      },
      { timeout: 5000, interval: 1 },
    );
    return claim;
  }

  it('grants it to the first tab and refuses it to its duplicate', async () => {
    expect(await settle(claimIdentity('ana', edges))).not.toBeNull();
    expect(await settle(claimIdentity('ana', edges))).toBeNull();
    expect(await settle(claimIdentity('ben', edges))).not.toBeNull();
  });

  it('grants it again after the tab has gone', async () => {
    const first = await settle(claimIdentity('ana', edges));
    first?.release();
    expect(await settle(claimIdentity('ana', edges))).not.toBeNull();
  });

  it('grants it to one of two that ask together', async () => {
    const both = await settle(Promise.all([claimIdentity('ana', edges), claimIdentity('ana', edges)]));
    expect(both.filter((claim) => claim !== null)).toHaveLength(1);
  });
});
