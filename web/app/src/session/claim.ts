/**
 * One tab per identity. A duplicated tab starts with a copy of `sessionStorage`; were it to join with the identity in
 * there, the server would take it for the first tab reloaded and throw the first one out. So a tab claims an identity
 * before it uses it, and keeps the claim as long as it lives.
 */
export interface Claim {
  release(): void;
}

export interface ClaimEdges {
  /** Null on plain HTTP, where browsers have no Web Locks. */
  readonly locks: Pick<LockManager, 'request'> | null;
  readonly channel: (name: string) => BroadcastChannel | null;
}

/**
 * How long the claim of another document is waited for. On a reload the old document may give its claim back a moment
 * after the new one asks; a duplicate waits in vain, for this long.
 */
const LOCK_PATIENCE_MS = 700;
/** How long the other tabs have to object when there are no locks. */
const CHANNEL_PATIENCE_MS = 250;

/** Resolves with the claim, or with null when another living tab holds it. */
export async function claimIdentity(identity: string, edges: ClaimEdges = browserEdges()): Promise<Claim | null> {
  const name = `videoroom:identity:${await digest(identity)}`;
  if (edges.locks) return claimByLock(name, edges.locks);
  const channel = edges.channel(name);
  return channel ? claimByChannel(channel) : { release: () => undefined };
}

function claimByLock(name: string, locks: Pick<LockManager, 'request'>): Promise<Claim | null> {
  return new Promise((resolve) => {
    const request = locks.request(
      name,
      { signal: AbortSignal.timeout(LOCK_PATIENCE_MS) },
      () => new Promise<void>((release) => resolve({ release })),
    );
    // Refused: not in time, or the document may not use locks.
    request.catch(() => resolve(null));
  });
}

function claimByChannel(channel: BroadcastChannel): Promise<Claim | null> {
  const me = crypto.getRandomValues(new Uint32Array(2)).join('-');
  let held = false;
  return new Promise((resolve) => {
    const settle = (won: boolean) => {
      clearTimeout(timer);
      held = won;
      if (!won) channel.close();
      resolve(won ? { release: () => channel.close() } : null);
    };
    const timer = setTimeout(() => settle(true), CHANNEL_PATIENCE_MS);
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== 'object' || data === null) return;
      const { claim, taken } = data as { claim?: unknown; taken?: unknown };
      if (typeof claim === 'string') {
        // Of two that ask at the same time the greater one wins, so that exactly one does.
        if (held || me > claim) channel.postMessage({ taken: claim });
        else settle(false);
      } else if (taken === me && !held) settle(false);
    };
    channel.postMessage({ claim: me });
  });
}

/** The identity is a secret and lock names are visible to the whole origin, so they carry a digest of it. */
async function digest(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  // Absent on plain HTTP.
  const { subtle } = crypto as Partial<Crypto>;
  if (!subtle) return String(bytes.reduce((hash, byte) => (Math.imul(hash, 31) + byte) >>> 0, 7));
  const hash = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(hash.slice(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function browserEdges(): ClaimEdges {
  return {
    locks: (navigator as Partial<Navigator>).locks ?? null,
    channel: (name) => (typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name)),
  };
}
