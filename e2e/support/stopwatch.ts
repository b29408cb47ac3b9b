/** Measures the way from the click on "Join" to the first picture of somebody else. */
export interface Stopwatch {
  /** Milliseconds between the two; null until both have happened. */
  elapsed(): number | null;
}

declare global {
  interface Window {
    stopwatch: Stopwatch;
  }
}

/**
 * Init script: puts a {@link Stopwatch} on the window. The end is the moment at which the browser hands the first decoded
 * frame of a video in somebody else's tile to the compositor.
 * Self-contained, because it is serialised into the page.
 */
export function installStopwatch(): void {
  let start: number | null = null;
  let end: number | null = null;
  window.stopwatch = { elapsed: () => (start === null || end === null ? null : end - start) };

  document.addEventListener(
    'click',
    ({ target, timeStamp }) => {
      const button = target instanceof Element ? target.closest('button') : null;
      if (button?.textContent.trim() === 'Join') start ??= timeStamp;
    },
    { capture: true },
  );

  const watched = new WeakSet<HTMLVideoElement>();
  const watch = (): void => {
    for (const video of document.querySelectorAll<HTMLVideoElement>('[data-self="false"] video')) {
      if (watched.has(video)) continue;
      watched.add(video);
      video.requestVideoFrameCallback((now) => (end ??= now));
    }
  };
  new MutationObserver(watch).observe(document, { childList: true, subtree: true, attributeFilter: ['data-self'] });
}
