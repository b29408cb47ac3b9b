import { knock, onOnline, onWake } from './surroundings';
import { webAudioMeter, type LevelMeter } from './tracks/meter';

/** What the client touches of its surroundings, as far as tests replace it. */
export interface Edges {
  /** Makes a peer connection. */
  readonly peerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  /** Opens a web socket. */
  readonly webSocket: (url: string) => WebSocket;
  /** Tells whether anybody answers a request to this address; null where that cannot be asked. */
  readonly knock: ((url: string) => Promise<boolean>) | null;
  /** Milliseconds on a clock that never runs back. */
  readonly now: () => number;
  readonly setTimeout: (callback: () => void, ms: number) => Timer;
  readonly clearTimeout: (timer: Timer) => void;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** A new unique id. */
  readonly uuid: () => string;
  /** Calls `listener` whenever the network comes back or becomes another. Returns the function that unsubscribes. */
  readonly onOnline: (listener: () => void) => () => void;
  /**
   * Calls `listener` whenever the page may have stood still: it is shown again, or time has jumped. Told is for how
   * many milliseconds it certainly did, 0 when nobody knows. Returns the function that unsubscribes.
   */
  readonly onWake: (listener: (sleptMs: number) => void) => () => void;
  /** Makes a stream of these tracks. */
  readonly mediaStream: (tracks: MediaStreamTrack[]) => MediaStream;
  /** Measures the own microphone in browsers whose statistics do not. */
  readonly levelMeter: () => LevelMeter;
}

/** What `setTimeout` returned. */
export type Timer = number;

/** The browser's own edges. */
export function browserEdges(): Edges {
  return {
    peerConnection: (config) => new RTCPeerConnection(config),
    webSocket: (url) => new WebSocket(url),
    knock,
    now: () => performance.now(),
    setTimeout: (callback, ms) => window.setTimeout(callback, ms),
    clearTimeout: (timer) => window.clearTimeout(timer),
    random: () => Math.random(),
    uuid,
    onOnline,
    onWake,
    mediaStream: (tracks) => new MediaStream(tracks),
    levelMeter: webAudioMeter,
  };
}

/** A random UUID (version 4), also in insecure contexts, where `crypto.randomUUID` does not exist. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const version = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  const variant = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  bytes.set([version], 6);
  bytes.set([variant], 8);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
