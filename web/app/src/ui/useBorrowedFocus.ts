import { useEffect, useRef, type RefObject } from 'react';

/** Focuses an element when it appears. When it goes, and the focus with it, the focus returns to where it was. */
export function useBorrowedFocus<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useEffect(() => {
    const owner = document.activeElement;
    ref.current?.focus({ preventScroll: true });
    return () => {
      const lost = document.activeElement === null || document.activeElement === document.body;
      if (lost && owner instanceof HTMLElement) owner.focus({ preventScroll: true });
    };
  }, []);
  return ref;
}
