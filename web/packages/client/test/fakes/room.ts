import { expect } from 'vitest';

import { connect, type Access, type Client, type ConnectOptions, type Notice, type Snapshot } from '../../src';
import { FakeClock, settle } from './clock';
import { FakePeerConnection } from './connection';
import { stream } from './media';
import { FakeSocket } from './socket';
import type { JsonObject } from '@bufbuild/protobuf';

/** Tracks of an announced endpoint: id to metadata. */
export type Tracks = Readonly<Record<string, object | null>>;

/** Other endpoints in `connected`: id to its own metadata and its tracks. */
export type Endpoints = Readonly<Record<string, { readonly metadata?: object; readonly tracks?: Tracks }>>;

/** A client between fake edges: the test plays the server. */
export class FakeRoom {
  readonly clock = new FakeClock();
  readonly sockets: FakeSocket[] = [];
  readonly connections: FakePeerConnection[] = [];
  readonly notices: Notice[] = [];
  readonly client: Client;
  tokens = 0;
  /** What the meter measures, for browsers whose statistics have no level. */
  loudness = 0;
  metersClosed = 0;
  /** What the application answers when it is asked for a token. */
  token: () => Promise<Access>;
  #ids = 0;
  /** The name of a session that the server can resume; null for a server that cannot. */
  session: string | null = null;
  #online: () => void = () => undefined;
  #wake: (sleptMs: number) => void = () => undefined;

  constructor(options: Partial<ConnectOptions> = {}) {
    this.token = () => Promise.resolve({ url: 'wss://media.test/', token: `token-${this.tokens}` });
    this.client = connect({
      getToken: () => {
        this.tokens++;
        return this.token();
      },
      onNotice: (notice) => this.notices.push(notice),
      ...options,
      edges: {
        now: this.clock.now,
        setTimeout: this.clock.setTimeout,
        clearTimeout: this.clock.clearTimeout,
        peerConnection: (config) => {
          const connection = new FakePeerConnection(config);
          this.connections.push(connection);
          return connection as unknown as RTCPeerConnection;
        },
        webSocket: (url) => {
          const socket = new FakeSocket(url);
          this.sockets.push(socket);
          return socket as unknown as WebSocket;
        },
        knock: null,
        random: () => 0.5,
        uuid: () => `u${++this.#ids}`,
        onOnline: (listener) => {
          this.#online = listener;
          return () => (this.#online = () => undefined);
        },
        onWake: (listener) => {
          this.#wake = listener;
          return () => (this.#wake = () => undefined);
        },
        mediaStream: stream,
        levelMeter: () => ({ level: () => this.loudness, close: () => (this.metersClosed += 1) }),
        ...options.edges,
      },
    });
  }

  get snapshot(): Snapshot {
    return this.client.getSnapshot();
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    return newest(this.sockets);
  }

  /** The newest peer connection. */
  get connection(): FakePeerConnection {
    return newest(this.connections);
  }

  networkIsBack(): void {
    this.#online();
  }

  wakesUp(sleptMs = 0): void {
    this.#wake(sleptMs);
  }

  /** Plays the handshake on the newest socket up to `connected`. */
  async joins(peerId = 'me', others: Endpoints = {}): Promise<void> {
    await this.authenticates();
    await this.connects(peerId, others);
  }

  /** Answers `connect`. */
  async connects(peerId = 'me', others: Endpoints = {}): Promise<void> {
    expect(this.socket.said.at(-1)).toBe('connect');
    const all: Endpoints = { [peerId]: {}, ...others };
    const endpoints = Object.entries(all).map(([id, { metadata, tracks }]) => [
      id,
      { endpointType: 'webrtc', metadataJson: wrapped(metadata), trackIdToTrack: announced(tracks ?? {}) },
    ]);
    this.says('connected', { endpointId: peerId, endpointIdToEndpoint: Object.fromEntries(endpoints) as JsonObject });
    await settle();
  }

  async authenticates(): Promise<void> {
    await settle();
    this.socket.opens();
    const resumption = this.session === null ? {} : { resumption: { session: this.session, keptMs: KEPT_MS } };
    this.socket.says({ authenticated: { roomType: 'ROOM_TYPE_CONFERENCE', ...resumption } });
  }

  /** Lets the newest socket open, on which the client wants to resume, and returns how. */
  async asksToResume(): Promise<JsonObject> {
    await settle();
    this.socket.opens();
    const { authRequest } = this.socket.sent[0] as { authRequest: JsonObject };
    return authRequest['resume'] as JsonObject;
  }

  /** The server takes the session up again. @param received - events of the client that it has */
  resumes(received: number): void {
    const resumption = { session: this.session, resumed: true, received: String(received), keptMs: KEPT_MS };
    this.socket.says({ authenticated: { resumption } });
  }

  /** The server does not know the session any more. */
  forgets(): void {
    this.session = 'another';
    this.socket.says({ authenticated: { resumption: { session: this.session, keptMs: KEPT_MS } } });
  }

  says(name: string, event: JsonObject): void {
    this.socket.says({ serverMediaEvent: { [name]: event } });
  }

  peerJoins(endpointId: string, metadata: object = {}): void {
    this.says('endpointAdded', { endpointId, metadataJson: wrapped(metadata) });
  }

  tracksAdded(endpointId: string, tracks: Tracks): void {
    this.says('tracksAdded', { endpointId, trackIdToTrack: announced(tracks) });
  }

  /** Starts a cycle and returns the offer. */
  async asksForOffer(audio = 0, video = 0): Promise<JsonObject> {
    this.says('offerData', { tracksTypes: { audio, video } });
    await settle();
    const offer = this.socket.events('sdpOffer').at(-1);
    if (offer === undefined) throw new Error('the client made no offer');
    return offer;
  }

  async answers(midToTrackId: Record<string, string>, sdp = 'v=0'): Promise<void> {
    this.says('sdpAnswer', { sdp, midToTrackId });
    await settle();
  }

  /** A whole cycle in which the server accepts everything that is offered. */
  async negotiates(audio = 0, video = 0, remote: Record<string, string> = {}): Promise<JsonObject> {
    const offer = await this.asksForOffer(audio, video);
    await this.answers({ ...(offer['midToTrackId'] as Record<string, string> | undefined), ...remote });
    return offer;
  }
}

/** How long the server keeps a session. */
const KEPT_MS = 15_000;

/** Endpoint metadata as the server wraps it. */
function wrapped(metadata: object = {}): string {
  return JSON.stringify({ peer: metadata, server: { displayName: 'Ana' } });
}

function announced(tracks: Tracks): JsonObject {
  return Object.fromEntries(
    Object.entries(tracks).map(([id, metadata]) => [
      id,
      { metadataJson: metadata === null ? '' : JSON.stringify(metadata) },
    ]),
  );
}

function newest<T>(items: readonly T[]): T {
  const last = items.at(-1);
  if (last === undefined) throw new Error('there is none');
  return last;
}
