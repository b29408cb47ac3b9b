import { socketUrl } from './address';
import { decode } from '../wire/decode';
import { encode } from '../wire/encode';
import type { Edges } from '../edges';
import type { Access, Json } from '../types';
import type { ClientEvent, ServerEvent } from '../wire/events';

/** What a signalling connection tells. */
export interface SignallingHost {
  readonly onEvent: (event: ServerEvent) => void;
  /** The server or the network closed it. */
  readonly onClosed: (code: number, reason: string) => void;
  /** A frame that is no message. */
  readonly onIgnored: (message: string) => void;
}

/** Close code of a connection that was never there (RFC 6455 section 7.1.5). */
const ABNORMAL = 1006;

/** One web socket: authenticates, connects, and turns frames into events and back. */
export class Signalling {
  #socket: WebSocket | null = null;

  constructor(
    private readonly edges: Edges,
    private readonly host: SignallingHost,
  ) {}

  /** @param metadata - read when the server has accepted the token */
  open({ url, token }: Access, metadata: () => Json): void {
    let socket: WebSocket;
    try {
      socket = this.edges.webSocket(socketUrl(url));
    } catch (error) {
      this.host.onClosed(ABNORMAL, String(error));
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.send({ type: 'authRequest', token });
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!(data instanceof ArrayBuffer)) return;
      const event = this.#decode(data);
      if (event?.type === 'authenticated') this.send({ type: 'connect', metadata: metadata() });
      else if (event !== null) this.host.onEvent(event);
    };
    socket.onclose = ({ code, reason }) => {
      this.#detach();
      this.host.onClosed(code, reason);
    };
  }

  /** Says something, as long as the socket is open: what is lost with a session is told anew in the next. */
  send(event: ClientEvent): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(encode(event));
  }

  /** Leaves. Nothing is told afterwards. */
  close(): void {
    this.#detach()?.close(NORMAL);
  }

  #decode(frame: ArrayBuffer): ServerEvent | null {
    try {
      return decode(frame);
    } catch (error) {
      this.host.onIgnored(`a frame that is no message: ${String(error)}`);
      return null;
    }
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

/** `WebSocket.OPEN`, which only browsers have. */
const OPEN = 1;
