import { useEffect, useState, useSyncExternalStore } from 'react';
import { watchIdle } from './idle';

/** Whether the whole page may fill the screen: iPhones let only a video do that. */
export function canFillScreen(): boolean {
  return document.fullscreenEnabled;
}

/** Fills the screen with the page, or ends that. */
export function toggleFullScreen(): void {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  // A browser that refuses leaves all as it is, and that is to be seen.
  change.catch(() => undefined);
}

/** Whether the page fills the screen. As long as the component is there: when it goes, full screen ends. */
export function useFullScreen(): boolean {
  useEffect(
    () => () => {
      if (document.fullscreenElement) void document.exitFullscreen();
    },
    [],
  );
  return useSyncExternalStore(subscribe, isFull);
}

/** Whether what lies around the pictures may go: in full screen, while nobody touches the page. */
export function useQuiet(fullScreen: boolean): boolean {
  const [quiet, setQuiet] = useState(false);
  useEffect(() => (fullScreen ? watchIdle(window, QUIET_AFTER_MS, setQuiet) : undefined), [fullScreen]);
  return quiet;
}

/** Shorter, and the bar goes while somebody looks for a button. */
const QUIET_AFTER_MS = 4_000;

function subscribe(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener);
  return () => document.removeEventListener('fullscreenchange', listener);
}

function isFull(): boolean {
  return document.fullscreenElement !== null;
}
