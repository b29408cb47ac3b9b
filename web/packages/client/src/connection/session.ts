import { Negotiator } from '../negotiation/negotiator';
import { MediaWatch } from '../media/watch';
import { Signalling, type Handover } from '../signalling/signalling';
import { Timers } from './timers';
import type { Edges } from '../edges';
import type { Evidence } from '../media/evidence';
import type { Door } from '../signalling/door';
import type { Action } from '../state/actions';
import type { LocalMedia } from '../tracks/local';
import type { RemoteStreams } from '../tracks/streams';
import type { Access, Json, Notice, Snapshot } from '../types';
import type { ClientEvent, Connected, ServerEvent } from '../wire/events';
import type { SessionEnd } from './verdict';

/** Longest time from opening the socket to `connected`. Lower fails on slow networks; higher delays the next try. */
const JOIN_TIMEOUT_MS = 10_000;

/** How long all must be well before earlier failures are forgotten. Lower lets a crash loop spin without backoff. */
const HEALTHY_AFTER_MS = 10_000;

/** What a session needs of the client. */
export interface SessionHost {
  readonly dispatch: (action: Action) => void;
  readonly notice: (notice: Notice) => void;
  /** Metadata of this peer. */
  readonly metadata: () => Json;
  readonly localTracks: () => Iterable<LocalMedia>;
  readonly streams: RemoteStreams;
  /** What is known of everything. */
  readonly snapshot: () => Snapshot;
  /** What was seen while media did not flow. */
  readonly onEvidence: (evidence: Evidence) => void;
}

/** What a session tells the one who started it. */
export interface SessionEvents {
  /** It is in the room. */
  readonly onJoined: () => void;
  /** It was taken up again after a loss. */
  readonly onResumed: () => void;
  /** It has worked for a while. */
  readonly onHealthy: () => void;
  /** It is over: once, and nothing follows. */
  readonly onEnded: (end: SessionEnd) => void;
}

/** One life of a web socket and its peer connection. */
export class Session {
  readonly #signalling: Signalling;
  readonly #timers: Timers<'join' | 'healthy'>;
  readonly #media: MediaWatch;
  #negotiator: Negotiator | null = null;
  /** Whether the server speaks our additions. */
  #isOurs = false;
  /** What `connect` carried. */
  #announced: Json = null;
  #ended = false;

  constructor(
    private readonly edges: Edges,
    access: Access,
    door: Door,
    private readonly host: SessionHost,
    private readonly events: SessionEvents,
  ) {
    this.#timers = new Timers(edges);
    this.#signalling = new Signalling(edges, access, door, {
      onBegin: (isOurs) => this.#begin(isOurs),
      onEvent: (event) => this.#handle(event),
      onSocket: (up) => this.#socket(up),
      onLate: () => host.dispatch({ type: 'signallingLost' }),
      onEnded: (end) => this.#end(end),
      onIgnored: (message) => this.#ignored(message),
    });
    this.#media = new MediaWatch(edges, {
      shown: () => host.snapshot().media,
      expected: () => isSomethingSent(host.snapshot()),
      onState: (media) => host.dispatch({ type: 'media', media }),
      onEvidence: host.onEvidence,
      peers: () => host.snapshot().peers,
      onSilent: (trackIds) => host.dispatch({ type: 'silence', trackIds }),
      onRestart: () => this.#negotiator?.restartIce(),
      onGiveUp: () => this.#end({ type: 'transport' }),
    });
  }

  /** @param handover - a socket of an earlier session on which this one begins */
  start(handover: Handover | null): void {
    this.#timers.set('join', JOIN_TIMEOUT_MS, () => this.#end({ type: 'timeout' }));
    this.#signalling.open(handover);
  }

  /** Null when the session is not in the room, or no longer. */
  get negotiator(): Negotiator | null {
    return this.#ended ? null : this.#negotiator;
  }

  /** Says something, if the session is in the room. */
  send(event: ClientEvent): void {
    if (this.negotiator !== null) this.#signalling.say(event);
  }

  /**
   * The network changed, or the computer woke up: there is no point in waiting for what belonged to the old one.
   *
   * @param isLong - whether it slept for longer than any server waits
   */
  hurry(isLong = false): void {
    if (isLong) this.#signalling.dead();
    else this.#signalling.doubt();
    this.#media.observe({ type: 'hurry' });
  }

  /**
   * A person does not want to wait for media. What has never come up needs a new start.
   *
   * @returns whether this session ended for it
   */
  retryMedia(): boolean {
    const isHopeless = this.host.snapshot().media === 'blocked' && !this.#media.wasUp && this.negotiator !== null;
    if (isHopeless) this.#end({ type: 'transport' });
    else this.hurry();
    return isHopeless;
  }

  /** Leaves; nothing is told. What was received last stays visible until `dispose`. */
  leave(): void {
    this.#ended = true;
    this.#timers.clearAll();
    this.#media.stop();
    this.#signalling.close();
    this.#negotiator?.retire();
  }

  /** Leaves, and ends all media. */
  dispose(): void {
    this.leave();
    this.#negotiator?.close();
  }

  #begin(isOurs: boolean): void {
    this.#isOurs = isOurs;
    this.#announced = this.host.metadata();
    this.#signalling.say({ type: 'connect', metadata: this.#announced });
  }

  #socket(up: boolean): void {
    this.#media.observe({ type: 'signalling', up });
    if (!up) return;
    this.events.onResumed();
    this.host.dispatch({ type: 'signallingBack' });
  }

  #handle(event: ServerEvent): void {
    switch (event.type) {
      case 'connected':
        this.#join(event);
        return;
      case 'offerData':
      case 'sdpAnswer':
      case 'candidate':
        this.#negotiator?.handle(event);
        return;
      case 'refused':
        this.#refused(event.message, event.trackId);
        return;
      case 'error':
        this.#end({ type: 'error', message: event.message });
        return;
      default:
        // Nothing that comes before `connected` can be understood.
        if (this.#negotiator !== null) this.host.dispatch(event);
    }
  }

  #join(event: Connected): void {
    if (this.#negotiator !== null) return;
    const config = { peerId: event.peerId, iceServers: event.iceServers, reuseLines: this.#isOurs };
    const negotiator = new Negotiator(this.edges, config, {
      send: (message) => this.#signalling.say(message),
      localTracks: this.host.localTracks,
      streams: this.host.streams,
      onMedia: (media) => this.host.dispatch({ type: 'remoteMedia', media }),
      onPublished: (ids) => this.host.dispatch({ type: 'localTracksPublished', ids }),
      onTransport: (connection) => this.#transport(connection),
      onIgnored: (message) => this.#ignored(message),
      onFailure: (cause) => this.#end({ type: 'negotiation', cause }),
    });
    this.#negotiator = negotiator;
    this.#timers.clear('join');
    this.#watchHealth();
    this.events.onJoined();
    this.host.dispatch(event);
    const metadata = this.host.metadata();
    if (metadata !== this.#announced) this.#signalling.say({ type: 'updateEndpointMetadata', metadata });
    const sends = !isEmpty(this.host.localTracks());
    if (sends) negotiator.localTracksChanged();
    const wanted = sends || event.endpoints.some(({ tracks }) => tracks.length > 0);
    this.#media.observe({ type: 'joined', wanted });
  }

  #transport(connection: RTCPeerConnection): void {
    if (connection.connectionState === 'connected') this.#watchHealth();
    else this.#timers.clear('healthy');
    this.#media.follow(connection);
  }

  #watchHealth(): void {
    this.#timers.set('healthy', HEALTHY_AFTER_MS, this.events.onHealthy);
  }

  #refused(message: string, trackId: string): void {
    const id = this.#negotiator?.senders.localId(trackId) ?? trackId;
    this.host.notice({ code: 'refused', message, ...(id === '' ? {} : { trackId: id }) });
  }

  #ignored(message: string): void {
    this.host.notice({ code: 'ignored', message });
  }

  #end(end: SessionEnd): void {
    if (this.#ended) return;
    this.leave();
    this.events.onEnded(end);
  }
}

/** Whether another peer sends something now, as far as it says. */
function isSomethingSent({ peers }: Snapshot): boolean {
  return peers.some(({ tracks }) =>
    tracks.some(({ stream, metadata }) => stream !== null && metadata?.paused !== true),
  );
}

function isEmpty(items: Iterable<unknown>): boolean {
  return items[Symbol.iterator]().next().done === true;
}
