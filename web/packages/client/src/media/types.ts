/**
 * Whether media gets through now.
 *
 * - `none`: there is nothing to send or receive, or the call is over.
 * - `connecting`: it is being set up.
 * - `flowing`: the transport is up, and the server was heard in the last seconds.
 * - `interrupted`: it flowed, and does not now. It is being healed.
 * - `blocked`: signalling works, and for 8 seconds no transport came up. Attempts go on.
 */
export type MediaState = 'none' | 'connecting' | 'flowing' | 'interrupted' | 'blocked';

/** An address that media was tried from or to. */
export interface Candidate {
  /** An IP address, or the name that hides one; null when the browser does not tell. */
  readonly address: string | null;
  readonly port: number | null;
  readonly protocol: 'udp' | 'tcp';
  readonly type: RTCIceCandidateType;
}

/** A way that was tried (RFC 8445 section 6.1.2). */
export interface CandidatePair {
  readonly local: Candidate | null;
  readonly remote: Candidate | null;
  readonly state: RTCStatsIceCandidatePairState;
  readonly nominated: boolean;
  /** Connectivity checks sent, and answers received. */
  readonly requestsSent: number;
  readonly responsesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/**
 * What most likely keeps media from getting through.
 *
 * - `no_server_address`: the server named no address.
 * - `private_address`: all addresses that it named are private, and the page came from elsewhere.
 * - `no_local_address`: the browser found no way out of its own; a policy, a VPN or an extension may forbid it.
 * - `no_reply`: checks were sent and none was answered, as when UDP is blocked on the way or at the server.
 * - `handshake`: checks were answered, but the encrypted transport (DTLS) does not come up.
 */
export type Suspect = 'no_server_address' | 'private_address' | 'no_local_address' | 'no_reply' | 'handshake';

/** States of a peer connection and its parts. */
export interface TransportStates {
  readonly connection: RTCPeerConnectionState;
  readonly ice: RTCIceConnectionState;
  readonly gathering: RTCIceGatheringState;
  /** Null before there is one. */
  readonly dtls: RTCDtlsTransportState | null;
}

/** What was tried to get media through: plain data without secrets, for people who look for the cause. */
export interface Diagnosis {
  readonly media: MediaState;
  /** Milliseconds since media stopped or was first tried in vain; 0 while it flows or is not needed. */
  readonly waitedMs: number;
  /** Sessions in a row in which no media got through. */
  readonly failedSessions: number;
  /** Where signalling goes; null before the first token. */
  readonly signalling: {
    /** Name or address, and port unless it is the scheme's own. */
    readonly host: string;
    /** Whether it is encrypted (TLS). */
    readonly secure: boolean;
    /** Whether it works now. */
    readonly connected: boolean;
  } | null;
  /** Null when there has been no peer connection. */
  readonly transport: TransportStates | null;
  /** The addresses that the server named: where media was sent to. */
  readonly remoteCandidates: readonly Candidate[];
  readonly localCandidates: readonly Candidate[];
  readonly pairs: readonly CandidatePair[];
  /** Null while media flows or is not needed, or when nothing stands out. */
  readonly suspect: Suspect | null;
}
