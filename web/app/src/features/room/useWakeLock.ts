import { useEffect } from 'react';
import { browserWakeEdges, keepAwake } from '../../call/wakeLock';

/** Keeps the screen on as long as the component is there. */
export function useWakeLock(): void {
  useEffect(() => keepAwake(browserWakeEdges()), []);
}
