/** What keeping the screen on needs; tests bring their own. */
export interface WakeEdges {
  /** Null where the browser cannot: Firefox before 126, plain HTTP. */
  readonly request: (() => Promise<Lock>) | null;
  readonly isVisible: () => boolean;
  /** Calls back when the page is shown or hidden. Returns how to stop that. */
  readonly onVisibility: (listener: () => void) => () => void;
}

/** As far as it is used. */
interface Lock {
  readonly released: boolean;
  release(): Promise<void>;
}

export function browserWakeEdges(): WakeEdges {
  const { wakeLock } = navigator as Partial<Navigator>;
  return {
    request: wakeLock ? () => wakeLock.request('screen') : null,
    isVisible: () => document.visibilityState === 'visible',
    onVisibility: (listener) => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
  };
}

/**
 * Keeps the screen on, where the browser can and may. The system takes the lock back when the page is hidden, so it is
 * asked for again when the page is back. Returns how to stop.
 */
export function keepAwake({ request, isVisible, onVisibility }: WakeEdges): () => void {
  if (request === null) return () => undefined;
  let stopped = false;
  let asking = false;
  let lock: Lock | null = null;
  const acquire = async (): Promise<void> => {
    if (asking || !isVisible() || (lock && !lock.released)) return;
    asking = true;
    // Refused on low battery or by a policy: the screen then goes dark as without us.
    lock = await request().catch(() => null);
    asking = false;
    if (stopped) await lock?.release();
  };
  void acquire();
  const unsubscribe = onVisibility(() => void acquire());
  return () => {
    stopped = true;
    unsubscribe();
    void lock?.release();
  };
}
