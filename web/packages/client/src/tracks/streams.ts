import type { Edges } from '../edges';

interface Carried {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
}

/**
 * The streams of remote tracks, which outlive sessions: a picture stays on the screen until the next session has the
 * next one, because its element never learns of the change.
 */
export class RemoteStreams {
  readonly #carried = new Map<string, Carried>();

  constructor(private readonly edges: Edges) {}

  /**
   * The stream of a remote track that the browser receives as `track` now. A picture changes over as soon as that has
   * media. Sound has nothing to keep: it gets a new stream, which Web Audio, unlike an element, needs to follow.
   */
  carry(id: string, track: MediaStreamTrack): MediaStream {
    const known = this.#carried.get(id);
    if (known?.track === track) return known.stream;
    const stream = known === undefined || track.kind === 'audio' ? this.edges.mediaStream([track]) : known.stream;
    this.#carried.set(id, { stream, track });
    if (stream === known?.stream) {
      whenFlowing(track, () => {
        if (this.#carried.get(id)?.track === track) putInto(stream, track);
      });
    }
    return stream;
  }

  /** Forgets all tracks that are not among these. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#carried.keys()) if (!ids.has(id)) this.#carried.delete(id);
  }
}

/** A received track is muted until its first packet (W3C WebRTC 5.3). */
function whenFlowing(track: MediaStreamTrack, callback: () => void): void {
  if (track.muted) track.addEventListener('unmute', callback, { once: true });
  else callback();
}

function putInto(stream: MediaStream, track: MediaStreamTrack): void {
  for (const old of stream.getTracks()) stream.removeTrack(old);
  stream.addTrack(track);
}
