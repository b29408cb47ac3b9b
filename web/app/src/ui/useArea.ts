import { useCallback, useState } from 'react';
import type { Area } from '../layout/layout';

/** The size of an element, followed as it changes. Give `ref` to the element. */
export function useArea(): {
  readonly area: Area;
  readonly ref: (element: HTMLElement | null) => (() => void) | undefined;
} {
  const [area, setArea] = useState<Area>({ width: 0, height: 0 });
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined;
    const measure = () => setArea({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { area, ref };
}
