import { useCallback, useSyncExternalStore } from 'react';

/** Whether a media query matches; renders again when that changes. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}

/** Place for two columns, also on most phones that lie on their side. The same as the classes `wide:`. */
export const WIDE = '(min-width: 768px), (orientation: landscape) and (max-height: 480px) and (min-width: 600px)';

/** A phone that lies on its side. The same as the classes `low:`. */
export const LOW = '(orientation: landscape) and (max-height: 480px)';
