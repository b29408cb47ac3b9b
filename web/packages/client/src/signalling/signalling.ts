import { Timers } from '../connection/timers';
import { decode } from '../wire/decode';
import { encode } from '../wire/encode';
import { socketUrl } from './address';
import { ABNORMAL, Link, type Effect } from './link';
import type { Door } from './door';
import type { SessionEnd } from '../connection/verdict';
import type { Edges } from '../edges';
import type { Access } from '../types';
import type { ClientEvent, ClientMessage, Resumption, ServerEvent, ServerMessage } from '../wire/events';

/** What a session is told. */
export interface SignallingHost {
  /** The server accepted the token: it waits for `connect`. It is one of ours, or another of this protocol. */
  readonly onBegin: (isOurs: boolean) => void;
  readonly onEvent: (event: ServerEvent) => void;
  /** The socket was lost or replaced; nothing that was said is. */
  readonly onSocket: (up: boolean) => void;
  /** The loss lasts. */
  readonly onLate: () => void;
  /** It is over: once, and nothing follows. */
  readonly onEnded: (end: SessionEnd) => void;
  /** A frame that is no message. */
  readonly onIgnored: (message: string) => void;
}

/** A socket on which the server waits for another session to begin. */
export interface Handover {
  readonly socket: WebSocket;
  readonly resumption: Resumption;
}

/** The sockets of one session: does what its link says. */
export class Signalling {
  readonly #link: Link;
  readonly #timers: Timers<'link'>;
  #socket: WebSocket | null = null;
  /** Sockets that were replaced and may still be open. */
  #replaced: WebSocket[] = [];
  /** Counts attempts to open one, so that the answer to an abandoned one is recognised. */
  #attempts = 0;
  #closed = false;

  constructor(
    private readonly edges: Edges,
    private readonly access: Access,
    private readonly door: Door,
    private readonly host: SignallingHost,
  ) {
    this.#link = new Link(access.token, edges.random);
    this.#timers = new Timers(edges);
  }

  /** @param handover - what to begin on instead of a new socket */
  open(handover: Handover | null): void {
    if (handover === null) {
      this.#open();
      return;
    }
    this.#listen(handover.socket);
    this.#run(this.#link.adopt(handover.resumption, this.edges.now()));
  }

  say(event: ClientEvent): void {
    this.#run(this.#link.say(event));
  }

  /** The network changed, or the computer woke up. */
  doubt(): void {
    this.#run(this.#link.doubt(this.edges.now()));
  }

  /** The computer slept for longer than any server waits. */
  dead(): void {
    this.#run(this.#link.dead(this.edges.now()));
  }

  /** Leaves. Nothing is told afterwards. */
  close(): void {
    this.#closed = true;
    this.#timers.clearAll();
    this.#tidy();
    this.#detach()?.close(NORMAL);
  }

  #run(effects: readonly Effect[]): void {
    for (const effect of effects) if (!this.#isClosed()) this.#perform(effect);
    const due = this.#isClosed() ? null : this.#link.deadline;
    if (due === null) this.#timers.clear('link');
    else
      this.#timers.set('link', Math.max(0, due - this.edges.now()), () => this.#run(this.#link.time(this.edges.now())));
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'open':
        this.#open();
        return;
      case 'transmit':
        this.#transmit(effect.message);
        return;
      case 'tidy':
        this.#tidy();
        return;
      case 'begin':
        this.host.onBegin(effect.isOurs);
        return;
      case 'deliver':
        this.host.onEvent(effect.event);
        return;
      case 'lost':
        this.host.onSocket(false);
        return;
      case 'late':
        this.host.onLate();
        return;
      case 'healed':
        this.host.onSocket(true);
        return;
      case 'forgotten': {
        const socket = this.#detach();
        if (socket !== null)
          this.host.onEnded({ type: 'forgotten', handover: { socket, resumption: effect.resumption } });
        return;
      }
      case 'end':
        this.host.onEnded(effect.end);
        return;
    }
  }

  #open(): void {
    const before = this.#detach();
    // One that has said nothing ends nothing, and browsers let only one at a time connect to a server.
    if (before?.readyState === CONNECTING) before.close();
    else if (before) this.#replaced.push(before);
    try {
      const url = socketUrl(this.access.url);
      const knock = this.door.knock(url);
      const attempt = (this.#attempts += 1);
      if (knock === null) this.#connect(url);
      else
        void knock.then((answered) => {
          if (this.#isClosed() || attempt !== this.#attempts) return;
          if (answered) this.#connect(url);
          else this.#fail('nobody answers');
        });
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #connect(url: string): void {
    try {
      this.#listen(this.edges.webSocket(url));
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #fail(reason: string): void {
    this.#run(this.#link.closed(ABNORMAL, reason, this.edges.now()));
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    let opened = socket.readyState === OPEN;
    socket.onopen = () => {
      opened = true;
      this.door.answered();
      this.#run(this.#link.opened());
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = data instanceof ArrayBuffer ? this.#decode(data) : null;
      if (message !== null) this.#run(this.#link.received(message, this.edges.now()));
    };
    socket.onclose = ({ code, reason }) => {
      this.#detach();
      if (!opened) this.door.unanswered();
      this.#run(this.#link.closed(code, reason, this.edges.now()));
    };
  }

  #transmit(message: ClientMessage): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(encode(message));
  }

  #decode(frame: ArrayBuffer): ServerMessage | null {
    try {
      return decode(frame);
    } catch (error) {
      this.host.onIgnored(`a frame that is no message: ${String(error)}`);
      return null;
    }
  }

  #tidy(): void {
    for (const socket of this.#replaced) socket.close(NORMAL);
    this.#replaced = [];
  }

  #detach(): WebSocket | null {
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
    }
    return socket;
  }
}

/** Close code of a normal end (RFC 6455 section 7.4.1). */
const NORMAL = 1000;

/** `WebSocket.CONNECTING` and `OPEN`, which only browsers have. */
const CONNECTING = 0;
const OPEN = 1;
