/** A frame that was shown: when, in milliseconds since 1970, and by which peer it was sent. */
interface Frame {
  readonly at: number;
  readonly peer: string;
}

/** What a page said about its call from some moment on, in milliseconds since 1970. */
interface Claim {
  readonly at: number;
  readonly state: string;
}

/** Tells when people's pictures moved in a page, and what it said meanwhile. */
export interface FrameClock {
  /** When the first frame of that person was shown after `since`, by another peer than these; null while there is none. */
  first(name: string, since: number, former: readonly string[]): number | null;
  /** The longest time without a frame of that person after `since`; what is going on counts, too. */
  gap(name: string, since: number): { readonly from: number; readonly to: number };
  /** The longest time after `since` for which the page said that it is in the call while nobody's picture moved. */
  pretence(since: number): number;
}

declare global {
  interface Window {
    frameClock: FrameClock;
  }
}

/**
 * Init script: puts a {@link FrameClock} on the window. A frame counts when the browser hands it, decoded, to the compositor, for
 * the person whose tile shows it at that moment. Self-contained, because it is serialised into the page.
 */
export function installFrameClock(): void {
  const frames = new Map<string, Frame[]>();
  const watched = new WeakSet<HTMLVideoElement>();
  const follow = (video: HTMLVideoElement): void => {
    video.requestVideoFrameCallback((now) => {
      const { peerName, peerId } = video.closest<HTMLElement>('[data-self="false"]')?.dataset ?? {};
      if (peerName !== undefined && peerId !== undefined) {
        // The page's own clock does not follow corrections of the system's, by which tests measure.
        const shown = { at: Date.now() - (performance.now() - now), peer: peerId };
        const before = frames.get(peerName);
        if (before === undefined) frames.set(peerName, [shown]);
        else before.push(shown);
      }
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

  const claims: Claim[] = [];
  const listen = (): void => {
    const state = document.querySelector<HTMLElement>('[data-call-state]')?.dataset['callState'] ?? '';
    if (state !== claims.at(-1)?.state) claims.push({ at: Date.now(), state });
  };
  new MutationObserver(listen).observe(document, {
    childList: true,
    subtree: true,
    attributeFilter: ['data-call-state'],
  });

  /** The times between these moments from `since` until now. */
  const pauses = (moments: readonly number[], since: number): { from: number; to: number }[] => {
    const ends = [...moments.filter((at) => at >= since).sort((a, b) => a - b), Date.now()];
    return ends.map((to, index) => ({ from: ends[index - 1] ?? since, to }));
  };
  window.frameClock = {
    first: (name, since, former) =>
      frames.get(name)?.find(({ at, peer }) => at >= since && !former.includes(peer))?.at ?? null,
    gap: (name, since) => {
      const moments = (frames.get(name) ?? []).map(({ at }) => at);
      return pauses(moments, since).reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
    },
    pretence: (since) => {
      const still = pauses(
        [...frames.values()].flat().map(({ at }) => at),
        since,
      );
      const joined = claims.flatMap(({ at, state }, index) =>
        state === 'joined' ? [{ from: at, to: claims[index + 1]?.at ?? Date.now() }] : [],
      );
      const overlaps = still.flatMap((a) => joined.map((b) => Math.min(a.to, b.to) - Math.max(a.from, b.from)));
      return Math.max(0, ...overlaps);
    },
  };
}
