/** A media track as far as the client looks at one. */
export interface FakeTrack {
  readonly id: string;
  readonly kind: 'audio' | 'video';
}

let nextTrack = 1;

export function track(kind: 'audio' | 'video'): MediaStreamTrack {
  const fake: FakeTrack = { id: `track-${nextTrack++}`, kind };
  return fake as MediaStreamTrack;
}

/** A stream that only knows its tracks. */
export function stream(tracks: MediaStreamTrack[]): MediaStream {
  const fake: Pick<MediaStream, 'getTracks'> = { getTracks: () => tracks };
  return fake as MediaStream;
}
