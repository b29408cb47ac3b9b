/** Tells when somebody's picture first moved in a page. */
export interface FrameClock {
  /** For each peer shown so far the time of their first frame, in milliseconds since 1970. */
  readonly first: Readonly<Record<string, number>>;
}

declare global {
  interface Window {
    frameClock: FrameClock;
  }
}

/**
 * Init script: puts a {@link FrameClock} on the window. A frame counts when the browser hands it, decoded, to the compositor, for
 * the peer whose tile shows it at that moment. Self-contained, because it is serialised into the page.
 */
export function installFrameClock(): void {
  const first: Record<string, number> = {};
  window.frameClock = { first };
  const watched = new WeakSet<HTMLVideoElement>();
  const follow = (video: HTMLVideoElement): void => {
    video.requestVideoFrameCallback((now) => {
      const peer = video.closest<HTMLElement>('[data-self="false"]')?.dataset['peerId'];
      if (peer !== undefined) first[peer] ??= performance.timeOrigin + now;
      follow(video);
    });
  };
  const look = (): void => {
    for (const video of document.querySelectorAll<HTMLVideoElement>('[data-self="false"] video')) {
      if (watched.has(video)) continue;
      watched.add(video);
      follow(video);
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributeFilter: ['data-self'] });
}
