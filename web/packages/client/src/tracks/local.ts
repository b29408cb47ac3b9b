import type { EncodingLimits, TrackMetadata } from '../types';

/** A track of this peer, whatever session sends it. */
export interface LocalMedia {
  /** The handle of the application. */
  readonly id: string;
  readonly kind: 'audio' | 'video';
  /** What is sent unless muted. */
  readonly track: MediaStreamTrack | null;
  readonly muted: boolean;
  readonly metadata: TrackMetadata;
  readonly limits: EncodingLimits;
}

/** All tracks of this peer in the order of publication; they outlive sessions. */
export class LocalTracks {
  readonly #tracks = new Map<string, LocalMedia>();

  add(track: LocalMedia): void {
    this.#tracks.set(track.id, track);
  }

  get(id: string): LocalMedia | undefined {
    return this.#tracks.get(id);
  }

  /** The changed track; undefined when there is no such track. */
  update(id: string, changes: Partial<Omit<LocalMedia, 'id' | 'kind'>>): LocalMedia | undefined {
    const track = this.#tracks.get(id);
    if (track === undefined) return undefined;
    const next = { ...track, ...changes };
    this.#tracks.set(id, next);
    return next;
  }

  /** Whether there was such a track. */
  remove(id: string): boolean {
    return this.#tracks.delete(id);
  }

  clear(): void {
    this.#tracks.clear();
  }

  values(): Iterable<LocalMedia> {
    return this.#tracks.values();
  }
}

/** What a sender of this track carries now. */
export function sentTrack({ muted, track }: LocalMedia): MediaStreamTrack | null {
  return muted ? null : track;
}
