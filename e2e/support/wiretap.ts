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
  /** Takes the sound from what the newest one sends, behind the page's back. */
  gag(): Promise<void>;
  /** What the newest one knows of what it sends. */
  outgoing(): Promise<Outgoing>;
}

/** What a browser knows of its video and the way that it takes. */
export interface Outgoing {
  /** What the network takes, as the browser believes, in bit/s. */
  readonly available: number;
  /** Why pictures are smaller or fewer than they could be. */
  readonly limitation: string;
  readonly framesPerSecond: number;
  /** As the other side reports, in seconds. */
  readonly roundTrip: number | undefined;
  /** As the other side reports. */
  readonly packetsLost: number | undefined;
}

/** What is read of a browser's statistics; the types of the DOM do not tell their kinds apart. */
interface Report {
  readonly type: string;
  readonly kind?: string;
  readonly nominated?: boolean;
  readonly availableOutgoingBitrate?: number;
  readonly qualityLimitationReason?: string;
  readonly framesPerSecond?: number;
  readonly roundTripTime?: number;
  readonly packetsLost?: number;
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
    outgoing: async () => {
      const found = {
        available: 0,
        limitation: 'unknown',
        framesPerSecond: 0,
        roundTrip: undefined,
        packetsLost: undefined,
      };
      const reports = await connections[connections.length - 1]?.getStats();
      reports?.forEach((report: Report) => {
        if (report.type === 'candidate-pair' && report.nominated === true) {
          Object.assign(found, { available: report.availableOutgoingBitrate });
        } else if (report.type === 'outbound-rtp' && report.kind === 'video') {
          Object.assign(found, { limitation: report.qualityLimitationReason, framesPerSecond: report.framesPerSecond });
        } else if (report.type === 'remote-inbound-rtp' && report.kind === 'video') {
          Object.assign(found, { roundTrip: report.roundTripTime, packetsLost: report.packetsLost });
        }
      });
      return found;
    },
    gag: async () => {
      for (const sender of connections[connections.length - 1]?.getSenders() ?? []) {
        if (sender.track?.kind === 'audio') await sender.replaceTrack(null);
      }
    },
    lines: () => connections[connections.length - 1]?.getTransceivers().length ?? 0,
  };
}
