/** What a test can learn of a page's connections. */
export interface Wiretap {
  /** States that the peer connections went through, in order, over all of them. */
  readonly states: readonly RTCPeerConnectionState[];
  /** How many WebSockets were opened. */
  readonly sockets: number;
  /** When each of those that brought something brought the first of it, in milliseconds since 1970. */
  readonly answers: readonly number[];
  /** How many peer connections there were. */
  readonly connections: number;
  /** Offers with new ICE credentials. */
  readonly restarts: number;
  /** How many lines the newest one has. */
  lines(): number;
}

declare global {
  interface Window {
    wiretap: Wiretap;
  }
}

/** Init script: puts {@link Wiretap} on the window. Self-contained, because it is serialised into the page. */
export function installWiretap(): void {
  const states: RTCPeerConnectionState[] = [];
  const connections: RTCPeerConnection[] = [];
  let restarts = 0;
  const answers: number[] = [];
  let sockets = 0;
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets += 1;
      this.addEventListener('message', () => answers.push(Date.now()), { once: true });
    }
  };
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
      const createOffer = (options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit> => {
        if (options?.iceRestart === true) restarts += 1;
        return super.createOffer(options);
      };
      Object.assign(this, { createOffer });
      this.addEventListener('connectionstatechange', () => states.push(this.connectionState));
    }
  };
  window.wiretap = {
    states,
    answers,
    get connections() {
      return connections.length;
    },
    get sockets() {
      return sockets;
    },
    get restarts() {
      return restarts;
    },
    lines: () => connections[connections.length - 1]?.getTransceivers().length ?? 0,
  };
}
