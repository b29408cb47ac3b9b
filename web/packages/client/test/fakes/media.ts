/** A media track as far as the client looks at one. */
export class FakeTrack extends EventTarget {
  static #next = 1;
  readonly id = `track-${FakeTrack.#next++}`;
  muted = true;

  constructor(readonly kind: 'audio' | 'video') {
    super();
  }

  /** The first packet arrives. */
  flows(): void {
    this.muted = false;
    this.dispatchEvent(new Event('unmute'));
  }
}

export function track(kind: 'audio' | 'video'): MediaStreamTrack {
  return new FakeTrack(kind) as unknown as MediaStreamTrack;
}

/** A stream that only knows its tracks. */
export function stream(tracks: readonly MediaStreamTrack[]): MediaStream {
  const held = new Set(tracks);
  const fake: Pick<MediaStream, 'getTracks' | 'addTrack' | 'removeTrack'> = {
    getTracks: () => [...held],
    addTrack: (added) => void held.add(added),
    removeTrack: (removed) => void held.delete(removed),
  };
  return fake as MediaStream;
}
