import { useEffect } from 'react';

/** Keeps the screen on, where the browser can and may. The system takes it back when the page is hidden. */
export function useWakeLock(): void {
  useEffect(() => {
    let gone = false;
    let lock: WakeLockSentinel | null = null;
    const acquire = async () => {
      const { wakeLock } = navigator as Partial<Navigator>;
      if (!wakeLock || document.visibilityState !== 'visible') return;
      try {
        lock = await wakeLock.request('screen');
      } catch {
        // Low battery or a policy: the screen goes dark as without us.
        return;
      }
      if (gone) await lock.release();
    };
    const onVisible = () => void acquire();
    onVisible();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      gone = true;
      document.removeEventListener('visibilitychange', onVisible);
      void lock?.release();
    };
  }, []);
}
