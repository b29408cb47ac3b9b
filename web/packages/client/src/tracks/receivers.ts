import type { Edges } from '../edges';
import type { RemoteMedia } from '../state/actions';
import type { LineCounts } from '../wire/events';

interface Received extends RemoteMedia {
  readonly track: MediaStreamTrack;
}

/** The receiving lines of one peer connection and which remote tracks they carry. */
export class Receivers {
  #media: ReadonlyMap<string, Received> = new Map();

  constructor(private readonly edges: Edges) {}

  /** Adds lines up to the totals of the server. A line that was answered inactive still counts. */
  ensureLines(connection: RTCPeerConnection, counts: LineCounts): void {
    for (const kind of ['audio', 'video'] as const) {
      const existing = receiving(connection).filter(({ receiver }) => receiver.track.kind === kind).length;
      for (let n = existing; n < counts[kind]; n++) connection.addTransceiver(kind, { direction: 'recvonly' });
    }
    // An offer without any line leaves a Chromium connection unable to bundle for good.
    if (connection.getTransceivers().length === 0) connection.addTransceiver('audio', { direction: 'recvonly' });
  }

  /**
   * The remote tracks that lines carry now. Only the map of the answer says which; each track gets a stream of its
   * own, because a line, and with it the browser's track, may serve another remote track later.
   */
  media(connection: RTCPeerConnection, midToTrackId: ReadonlyMap<string, string>): ReadonlyMap<string, RemoteMedia> {
    const media = new Map<string, Received>();
    for (const { mid, receiver } of receiving(connection)) {
      const trackId = midToTrackId.get(mid ?? '');
      if (trackId === undefined) continue;
      const known = this.#media.get(trackId);
      media.set(trackId, known?.track === receiver.track ? known : this.#receive(receiver.track));
    }
    this.#media = media;
    return media;
  }

  #receive(track: MediaStreamTrack): Received {
    return { track, kind: track.kind === 'audio' ? 'audio' : 'video', stream: this.edges.mediaStream([track]) };
  }
}

function receiving(connection: RTCPeerConnection): readonly RTCRtpTransceiver[] {
  return connection.getTransceivers().filter(({ direction }) => direction === 'recvonly');
}
