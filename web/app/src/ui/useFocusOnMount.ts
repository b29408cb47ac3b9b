import { useEffect, useRef, type RefObject } from 'react';

/** Focuses an element when it appears, so that keyboard and screen reader arrive with the screen. */
export function useFocusOnMount<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), []);
  return ref;
}
