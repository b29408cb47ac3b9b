import type { Edges } from './edges';
import type { ClientError } from './errors';
import type { Diagnosis, MediaState } from './media/types';

export type * from './media/types';

/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a track shows or carries. */
export type TrackType =
  'camera' | 'microphone' | 'screenShareVideo' | 'screenShareAudio' | 'customVideo' | 'customAudio';

/** Metadata of a track as all web clients of this protocol write and read it. */
export interface TrackMetadata {
  readonly type: TrackType;
  /** True while the track sends nothing because its owner muted it. */
  readonly paused: boolean;
  readonly [key: string]: Json;
}

/** Where to connect and as whom. */
export interface Access {
  /** Origin and base path of the media server (`ws:`, `wss:`, `http:` or `https:`); the socket path is appended. */
  readonly url: string;
  /** The peer token that the application got from its server. */
  readonly token: string;
}

/** Something that an application may want to log, but need not act on. */
export interface Notice {
  /** `refused`: the server did not accept something; `ignored`: an event made no sense and was skipped. */
  readonly code: 'refused' | 'ignored';
  /** For people, in English. */
  readonly message: string;
  /** The local handle or remote track the notice is about, when there is one. */
  readonly trackId?: string;
}

/** Options of {@link Client | connect}. */
export interface ConnectOptions {
  /**
   * Gets an access token: at the start, and whenever the old one is no longer good. A rejection with a
   * {@link ClientError} whose `retry` is false ends the call with that error; any other is tried again later.
   */
  readonly getToken: () => Promise<Access>;
  /** Metadata of this peer that all others see. */
  readonly metadata?: Json;
  /** Injected edges (peer connection, web socket, clock, random numbers); the browser's own by default. */
  readonly edges?: Partial<Edges>;
  /** Receives what the server refused and what was ignored, for logs and hints. */
  readonly onNotice?: (notice: Notice) => void;
}

/** Where the connection stands. */
export type Status = 'connecting' | 'connected' | 'reconnecting' | 'closed';

/**
 * Why something failed; stable names for programs. Applications may add their own.
 *
 * - `connection_failed`: the media server cannot be reached or does not answer.
 * - `media_failed`: signalling works, media does not get through.
 * - `token_failed`: the application gave no token, or the server refuses it.
 * - `room_closed`: the room was deleted.
 * - `removed`: this peer was deleted, as when a moderator sends somebody out.
 * - `replaced`: the same person joined elsewhere.
 * - `room_full`: the server says so.
 * - `away`: the computer slept, and the call could not be taken up again.
 * - `unsupported_browser`: there is no WebRTC.
 * - `metadata_too_large`: more than 64,000 bytes of JSON.
 * - `internal`: the server, or this package, failed.
 */
export type ErrorCode =
  | 'connection_failed'
  | 'media_failed'
  | 'token_failed'
  | 'room_closed'
  | 'removed'
  | 'replaced'
  | 'room_full'
  | 'away'
  | 'unsupported_browser'
  | 'metadata_too_large'
  | 'internal'
  | (string & {});

/** Media that another peer publishes. */
export interface RemoteTrack {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  /** Null when its owner sent none, or something that is not track metadata. */
  readonly metadata: TrackMetadata | null;
  /** Null until media is negotiated. The same object for the life of the track. */
  readonly stream: MediaStream | null;
  /** Whether the server hears a voice on it. */
  readonly speaking: boolean;
  /** Whether it is a sound of which nothing arrives although its owner sends and other media flows. */
  readonly silent: boolean;
}

/** Another participant of the room. */
export interface RemotePeer {
  readonly id: string;
  /** What that peer's client sent. */
  readonly metadata: Json;
  /** What the application's server said when it created the peer: others cannot claim it. */
  readonly serverMetadata: Json;
  readonly tracks: readonly RemoteTrack[];
  /** Monotonic: order of appearance, kept over reconnections. */
  readonly joinedOrder: number;
}

/** Media that this peer publishes. */
export interface LocalTrack {
  /** The handle that {@link Client.publish} returned. */
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly metadata: TrackMetadata;
  /** Whether the server has accepted it in the current session. */
  readonly published: boolean;
}

/** The whole state as one immutable value; parts that did not change keep their identity. */
export interface Snapshot {
  readonly status: Status;
  /** Whether media gets through now. */
  readonly media: MediaState;
  /** Why it is closed; null after {@link Client.close}. */
  readonly error: ClientError | null;
  readonly peerId: string | null;
  /** What the application's server said of this peer itself; null before it is known and after the end. */
  readonly serverMetadata?: Json;
  readonly peers: readonly RemotePeer[];
  readonly localTracks: readonly LocalTrack[];
  /** Whether this peer's own microphone hears a voice. */
  readonly localSpeaking: boolean;
}

/** Limits of the encoding of a published track. A missing limit means: as the browser likes. */
export interface EncodingLimits {
  /** Bits per second. */
  readonly maxBitrate?: number;
  /** Frames per second. */
  readonly maxFramerate?: number;
  /** At least 1: 2 halves width and height. */
  readonly scaleResolutionDownBy?: number;
}

/** Options of {@link Client.publish}. */
export interface PublishOptions extends EncodingLimits {
  readonly metadata: TrackMetadata;
}

/** A connection to a room, alive over reconnections until it is closed. */
export interface Client {
  /** The current state; the same object until something changes. */
  getSnapshot(): Snapshot;
  /** Calls `listener` after each change (fits `useSyncExternalStore`). Returns the function that unsubscribes. */
  subscribe(listener: () => void): () => void;
  /**
   * Publishes a track: queued until connected, published again after a reconnection. Returns a local handle that
   * stays the same over reconnections.
   *
   * @throws ClientError `metadata_too_large`
   */
  publish(track: MediaStreamTrack, options: PublishOptions): string;
  /** Replaces the media of a published track without negotiation; null stops it. */
  replace(handle: string, track: MediaStreamTrack | null): Promise<void>;
  /** Mutes (sends nothing, metadata `paused: true`) or unmutes, with the given track or the one it had. */
  setPaused(handle: string, paused: boolean, track?: MediaStreamTrack): Promise<void>;
  /** Changes the limits of the encoding; replaces all earlier ones. */
  setEncoding(handle: string, limits: EncodingLimits): Promise<void>;
  /** Withdraws a track. Resolves at once for a handle that is already gone. */
  unpublish(handle: string): Promise<void>;
  /**
   * Changes this peer's metadata.
   *
   * @throws ClientError `metadata_too_large`
   */
  updateMetadata(metadata: Json): void;
  /**
   * Changes the metadata of a published track.
   *
   * @throws ClientError `metadata_too_large`
   */
  updateTrackMetadata(handle: string, metadata: TrackMetadata): void;
  /** What was tried to get media through, for people who look for the cause; also after the end. */
  diagnose(): Promise<Diagnosis>;
  /** Tries again now what does not work, instead of waiting: the connection, or the media. No effect when closed. */
  retry(): void;
  /** Statistics of the current peer connection; null when there is none. */
  getStats(): Promise<RTCStatsReport | null>;
  /** Leaves. Idempotent. */
  close(): void;
}
