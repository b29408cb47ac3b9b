import type { Json, TrackMetadata } from '../types';

/** An endpoint as the server announces it. */
export interface Endpoint {
  readonly id: string;
  readonly metadata: Json;
  readonly serverMetadata: Json;
}

/** A track as the server announces it: its kind is known only once its media is. */
export interface AnnouncedTrack {
  readonly id: string;
  readonly metadata: TrackMetadata | null;
}

/** Who is in the room and what they send: what the state is made of. */
export type RoomEvent =
  | { readonly type: 'endpointAdded'; readonly endpoint: Endpoint }
  | { readonly type: 'endpointUpdated'; readonly endpoint: Endpoint }
  | { readonly type: 'endpointRemoved'; readonly endpointId: string }
  | { readonly type: 'tracksAdded'; readonly endpointId: string; readonly tracks: readonly AnnouncedTrack[] }
  | {
      readonly type: 'trackUpdated';
      readonly endpointId: string;
      readonly trackId: string;
      readonly metadata: TrackMetadata | null;
    }
  | { readonly type: 'tracksRemoved'; readonly endpointId: string; readonly trackIds: readonly string[] }
  | { readonly type: 'voiceActivity'; readonly trackId: string; readonly speaking: boolean };

/** The first event of a session: all that is in the room. */
export interface Connected {
  readonly type: 'connected';
  readonly peerId: string;
  readonly endpoints: readonly (Endpoint & { readonly tracks: readonly AnnouncedTrack[] })[];
  readonly iceServers: readonly RTCIceServer[];
}

/** Totals of receive-only lines that the next offer must have. */
export interface LineCounts {
  readonly audio: number;
  readonly video: number;
}

/** What the server says about the peer connection. */
export type NegotiationEvent =
  | { readonly type: 'offerData'; readonly counts: LineCounts }
  | { readonly type: 'sdpAnswer'; readonly sdp: string; readonly midToTrackId: ReadonlyMap<string, string> }
  | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit };

/** Everything that the server says in a session. */
export type ServerEvent =
  | Connected
  | RoomEvent
  | NegotiationEvent
  | { readonly type: 'refused'; readonly message: string; readonly trackId: string }
  | { readonly type: 'error'; readonly message: string };

/** What the server says of a session that it can resume (`docs/protocol.md`). */
export interface Resumption {
  readonly session: string;
  /** Whether it goes on; otherwise it begins. */
  readonly resumed: boolean;
  /** Media events of this client that the server has received in it. */
  readonly received: number;
  /** Longest time, in milliseconds, that the server keeps it without a socket. */
  readonly keptMs: number;
}

/** A frame of the server. */
export type ServerMessage =
  /** Null from a server that cannot resume sessions. */
  | { readonly type: 'authenticated'; readonly resumption: Resumption | null }
  /** Null for an event that this version does not know: it counts all the same. */
  | { readonly type: 'media'; readonly event: ServerEvent | null }
  | { readonly type: 'pong'; readonly received: number }
  /** This peer was deleted; the close follows. */
  | { readonly type: 'removed'; readonly reason: string };

/** An offer and what its lines carry. */
export interface SdpOffer {
  readonly type: 'sdpOffer';
  readonly sdp: string;
  readonly tracks: readonly OfferedTrack[];
}

/** A track of this peer within an offer. */
export interface OfferedTrack {
  /** `<peer id>:<unique>` */
  readonly id: string;
  readonly mid: string;
  readonly metadata: TrackMetadata;
  readonly maxBitrate?: number | undefined;
}

/** A frame of the client. */
export type ClientMessage =
  | {
      readonly type: 'authRequest';
      readonly token: string;
      /** The session to go on with; an empty name begins one. */
      readonly resume: { readonly session: string; readonly received: number };
    }
  | { readonly type: 'ping'; readonly received: number }
  | { readonly type: 'media'; readonly event: ClientEvent };

/** Everything that the client says in a session. */
export type ClientEvent =
  | { readonly type: 'connect'; readonly metadata: Json }
  | { readonly type: 'updateEndpointMetadata'; readonly metadata: Json }
  | { readonly type: 'updateTrackMetadata'; readonly trackId: string; readonly metadata: TrackMetadata }
  | { readonly type: 'renegotiateTracks' }
  | { readonly type: 'candidate'; readonly candidate: RTCIceCandidate }
  | SdpOffer
  | { readonly type: 'unmuteTrack'; readonly trackId: string };
