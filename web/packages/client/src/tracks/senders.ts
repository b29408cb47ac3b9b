import { sentTrack, type LocalMedia } from './local';
import type { Edges } from '../edges';
import type { EncodingLimits, TrackType } from '../types';
import type { OfferedTrack } from '../wire/events';

interface Line {
  readonly transceiver: RTCRtpTransceiver;
  /** The id on the wire, new in each session. */
  readonly trackId: string;
}

/** Who sends, and what its server understands. */
export interface SendersConfig {
  readonly peerId: string;
  /**
   * Whether a line whose track is gone may carry another one. Published servers expect none, and their session
   * descriptions grow with each track that was ever sent.
   */
  readonly reuse: boolean;
}

/** The sending lines of one peer connection. */
export class Senders {
  readonly #lines = new Map<string, Line>();
  /** Lines whose tracks are gone. */
  readonly #idle = new Set<RTCRtpTransceiver>();
  /** What is to be played in step goes in one stream. */
  readonly #streams = new Map<string, MediaStream>();

  constructor(
    private readonly edges: Edges,
    private readonly config: SendersConfig,
  ) {}

  /** Makes the lines fit the tracks. */
  async attach(connection: RTCPeerConnection, tracks: Iterable<LocalMedia>): Promise<void> {
    const wanted = new Map(Array.from(tracks, (media) => [media.id, media]));
    for (const [id, { transceiver }] of this.#lines) {
      if (wanted.has(id)) continue;
      transceiver.direction = 'inactive';
      this.#idle.add(transceiver);
      this.#lines.delete(id);
    }
    const reused: Promise<void>[] = [];
    for (const media of wanted.values()) {
      if (this.#lines.has(media.id)) continue;
      const idle = this.#takeIdle(media.kind);
      const transceiver = idle ?? this.#add(connection, media);
      this.#lines.set(media.id, { transceiver, trackId: `${this.config.peerId}:${this.edges.uuid()}` });
      if (idle !== undefined) reused.push(this.#reuse(idle, media));
    }
    await Promise.all(reused);
  }

  /** What an offer says of the tracks that it has lines for. To be read when lines have their mids. */
  offered(tracks: Iterable<LocalMedia>): readonly OfferedTrack[] {
    return Array.from(tracks).flatMap(({ id, metadata, limits }) => {
      const line = this.#lines.get(id);
      if (line === undefined || line.transceiver.mid === null) return [];
      return [{ id: line.trackId, mid: line.transceiver.mid, metadata, maxBitrate: limits.maxBitrate }];
    });
  }

  /** Which tracks are in the map of an answer: the others were refused. */
  published(midToTrackId: ReadonlyMap<string, string>): ReadonlySet<string> {
    return new Set(
      Array.from(this.#lines)
        .filter(([, { transceiver, trackId }]) => midToTrackId.get(transceiver.mid ?? '') === trackId)
        .map(([id]) => id),
    );
  }

  /** Undefined until the track is part of an offer. */
  sender(id: string): RTCRtpSender | undefined {
    return this.#lines.get(id)?.transceiver.sender;
  }

  /** The id on the wire; undefined until the track is part of an offer. */
  trackId(id: string): string | undefined {
    return this.#lines.get(id)?.trackId;
  }

  /** The local id of a track on the wire. */
  localId(trackId: string): string | undefined {
    for (const [id, line] of this.#lines) if (line.trackId === trackId) return id;
    return undefined;
  }

  /** Stops all media at once. */
  silence(): void {
    for (const { transceiver } of this.#lines.values()) stopSending(transceiver.sender);
  }

  #add(connection: RTCPeerConnection, media: LocalMedia): RTCRtpTransceiver {
    return connection.addTransceiver(sentTrack(media) ?? media.kind, {
      direction: 'sendonly',
      streams: [this.#stream(media)],
      sendEncodings: [encoding(media.kind, media.limits)],
    });
  }

  #stream({ id, metadata }: LocalMedia): MediaStream {
    const source = sourceOf(metadata.type) ?? id;
    const stream = this.#streams.get(source) ?? this.edges.mediaStream([]);
    this.#streams.set(source, stream);
    return stream;
  }

  /** A line that the server knows to be free: it has answered that nothing is sent on it. */
  #takeIdle(kind: 'audio' | 'video'): RTCRtpTransceiver | undefined {
    if (!this.config.reuse) return undefined;
    for (const transceiver of this.#idle) {
      if (transceiver.receiver.track.kind !== kind || transceiver.currentDirection !== 'inactive') continue;
      this.#idle.delete(transceiver);
      return transceiver;
    }
    return undefined;
  }

  async #reuse(transceiver: RTCRtpTransceiver, media: LocalMedia): Promise<void> {
    transceiver.direction = 'sendonly';
    transceiver.sender.setStreams(this.#stream(media));
    // Both are asked for before anything else can be: what changes meanwhile comes after.
    await Promise.all([transceiver.sender.replaceTrack(sentTrack(media)), limitSender(transceiver.sender, media)]);
  }
}

/** Where sound and picture come from together. */
function sourceOf(type: TrackType): 'person' | 'screen' | undefined {
  switch (type) {
    case 'microphone':
    case 'camera':
      return 'person';
    case 'screenShareAudio':
    case 'screenShareVideo':
      return 'screen';
    default:
      return undefined;
  }
}

/** Stops the media of a sender. It rejects only when its connection is closed, and then nothing is sent anyway. */
function stopSending(sender: RTCRtpSender): void {
  sender.replaceTrack(null).catch(() => undefined);
}

/** Changes the limits of what a sender sends; all earlier ones go. */
export async function limitSender(sender: RTCRtpSender, { kind, limits }: LocalMedia): Promise<void> {
  const parameters = sender.getParameters();
  const [first] = parameters.encodings;
  if (first === undefined) return;
  delete first.maxBitrate;
  delete first.maxFramerate;
  delete first.scaleResolutionDownBy;
  Object.assign(first, encoding(kind, limits));
  await sender.setParameters(parameters);
}

function encoding(kind: 'audio' | 'video', limits: EncodingLimits): RTCRtpEncodingParameters {
  const { maxBitrate, maxFramerate, scaleResolutionDownBy } = limits;
  return {
    ...(maxBitrate === undefined ? {} : { maxBitrate }),
    ...(kind === 'audio' || maxFramerate === undefined ? {} : { maxFramerate }),
    ...(kind === 'audio' || scaleResolutionDownBy === undefined ? {} : { scaleResolutionDownBy }),
  };
}
