import { answered, localChange, type Phase, type Step } from './cycle';
import { TaskQueue } from './queue';
import { ensureLines, receivedMedia } from '../tracks/receivers';
import { Senders } from '../tracks/senders';
import type { Edges, Timer } from '../edges';
import type { RemoteMedia } from '../state/actions';
import type { LocalMedia } from '../tracks/local';
import type { RemoteStreams } from '../tracks/streams';
import type { ClientEvent, LineCounts, NegotiationEvent } from '../wire/events';

/**
 * Longest time from asking for a cycle, or offering, to the answer, in milliseconds. The server waits for the
 * transport between cycles and repeats a lost request itself, so only a broken session takes longer; a lower value
 * breaks slow ones.
 */
export const CYCLE_TIMEOUT_MS = 30_000;

/** What a negotiator needs of its session. */
export interface NegotiatorHost {
  readonly send: (event: ClientEvent) => void;
  /** The tracks that shall be sent now. */
  readonly localTracks: () => Iterable<LocalMedia>;
  readonly streams: RemoteStreams;
  /** What the receiving lines carry after an answer. */
  readonly onMedia: (media: ReadonlyMap<string, RemoteMedia>) => void;
  /** Which local tracks the server accepts after an answer. */
  readonly onPublished: (ids: ReadonlySet<string>) => void;
  /** The state of its transport changed, or the connection is new. */
  readonly onTransport: (connection: RTCPeerConnection) => void;
  /** Something the browser did not take and that the session survives. */
  readonly onIgnored: (message: string) => void;
  /** The session is beyond repair. */
  readonly onFailure: (error: unknown) => void;
}

/** Identity of this side, from `connected`. */
export interface NegotiatorConfig {
  readonly peerId: string;
  readonly iceServers: readonly RTCIceServer[];
  /** Whether lines may carry one track after the other. */
  readonly reuseLines: boolean;
}

/**
 * The peer connection of one session. This side always offers, and only when the server starts a cycle with
 * `offerData`; local changes ask it to.
 */
export class Negotiator {
  readonly senders: Senders;
  readonly #tasks: TaskQueue;
  #connection: RTCPeerConnection | null = null;
  #phase: Phase = 'idle';
  #watchdog: Timer | null = null;
  /** Whether the next offer has new ICE credentials. */
  #restarting = false;
  #retired = false;

  constructor(
    private readonly edges: Edges,
    private readonly config: NegotiatorConfig,
    private readonly host: NegotiatorHost,
  ) {
    this.senders = new Senders(edges, { peerId: config.peerId, reuse: config.reuseLines });
    this.#tasks = new TaskQueue((error) => this.#fail(error));
  }

  /** Null until the first cycle. */
  get connection(): RTCPeerConnection | null {
    return this.#connection;
  }

  /** Local tracks came or went. */
  localTracksChanged(): void {
    if (!this.#retired) this.#advance(localChange(this.#phase));
  }

  /** Looks for a new way to the server (RFC 8445 section 9) in a cycle of its own. */
  restartIce(): void {
    if (this.#retired || this.#connection === null) return;
    this.#restarting = true;
    this.#advance(localChange(this.#phase));
  }

  handle(event: NegotiationEvent): void {
    switch (event.type) {
      case 'offerData':
        this.#tasks.push(() => this.#offer(event.counts));
        break;
      case 'sdpAnswer':
        this.#tasks.push(() => this.#applyAnswer(event.sdp, event.midToTrackId));
        break;
      case 'candidate':
        this.#tasks.push(() => this.#addCandidate(event.candidate));
        break;
    }
  }

  /** Stops negotiating and sending; what was received last stays visible until `close`. */
  retire(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#tasks.close();
    this.#stopWatchdog();
    this.senders.silence();
    if (this.#connection !== null) {
      this.#connection.onicecandidate = null;
      this.#connection.onconnectionstatechange = null;
    }
  }

  /** Ends the peer connection. */
  close(): void {
    this.retire();
    this.#connection?.close();
  }

  async #offer(counts: LineCounts): Promise<void> {
    const connection = (this.#connection ??= this.#open());
    this.#advance({ phase: 'offered', request: false });
    await this.senders.attach(connection, this.host.localTracks());
    ensureLines(connection, counts);
    const iceRestart = this.#restarting;
    this.#restarting = false;
    const offer = await connection.createOffer({ iceRestart });
    await connection.setLocalDescription(offer);
    if (this.#retired) return;
    const sdp = connection.localDescription?.sdp ?? offer.sdp ?? '';
    this.host.send({ type: 'sdpOffer', sdp, tracks: this.senders.offered(this.host.localTracks()) });
  }

  async #applyAnswer(sdp: string, midToTrackId: ReadonlyMap<string, string>): Promise<void> {
    const connection = this.#connection;
    if (connection?.signalingState !== 'have-local-offer') {
      this.host.onIgnored('an answer without an offer');
      return;
    }
    await connection.setRemoteDescription({ type: 'answer', sdp });
    if (this.#retired) return;
    this.host.onMedia(receivedMedia(connection, midToTrackId, this.host.streams));
    this.host.onPublished(this.senders.published(midToTrackId));
    this.#advance(answered(this.#phase));
  }

  async #addCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (candidate.candidate === '' || this.#connection === null) return;
    try {
      await this.#connection.addIceCandidate(candidate);
    } catch (error) {
      this.host.onIgnored(`a candidate of the server: ${String(error)}`);
    }
  }

  #open(): RTCPeerConnection {
    const connection = this.edges.peerConnection({
      bundlePolicy: 'max-bundle',
      iceServers: [...this.config.iceServers],
    });
    connection.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== '') this.host.send({ type: 'candidate', candidate });
    };
    connection.onconnectionstatechange = () => this.host.onTransport(connection);
    this.host.onTransport(connection);
    return connection;
  }

  #advance({ phase, request }: Step): void {
    this.#phase = phase;
    this.#stopWatchdog();
    if (phase !== 'idle') {
      this.#watchdog = this.edges.setTimeout(() => this.#fail(new Error('the negotiation hangs')), CYCLE_TIMEOUT_MS);
    }
    if (request) this.host.send({ type: 'renegotiateTracks' });
  }

  #stopWatchdog(): void {
    if (this.#watchdog !== null) this.edges.clearTimeout(this.#watchdog);
    this.#watchdog = null;
  }

  #fail(error: unknown): void {
    if (!this.#retired) this.host.onFailure(error);
  }
}
