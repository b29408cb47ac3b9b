import type { Received } from './silence';
import type { Candidate, CandidatePair, TransportStates } from './types';

/** What a peer connection knows of its ways. */
export interface Evidence {
  readonly transport: TransportStates;
  /** Whether the server has answered an offer. */
  readonly answered: boolean;
  readonly remoteCandidates: readonly Candidate[];
  readonly localCandidates: readonly Candidate[];
  readonly pairs: readonly CandidatePair[];
  /** Grows whenever something of the server arrives; null when the browser's statistics have no such counter. */
  readonly heard: number | null;
  /** What has arrived of sounds. */
  readonly sounds: Received;
}

type Stats = Partial<RTCIceCandidatePairStats> &
  Partial<CandidateStats> &
  Partial<InboundStats> & { readonly id: string; readonly type: string };

interface InboundStats {
  readonly kind: string;
  readonly trackIdentifier: string;
  readonly packetsReceived: number;
}

interface CandidateStats {
  readonly address: string | null;
  readonly port: number;
  readonly protocol: string;
  readonly candidateType: RTCIceCandidateType;
}

/** Asks the browser. Null when the connection is closed, of which some have no statistics. */
export async function evidenceOf(connection: RTCPeerConnection): Promise<Evidence | null> {
  let report: RTCStatsReport;
  try {
    report = await connection.getStats();
  } catch {
    return null;
  }
  const all: Stats[] = [];
  report.forEach((stats: Stats) => void all.push(stats));
  const byId = new Map(all.map((stats) => [stats.id, stats]));
  const pairs = all.filter(({ type }) => type === 'candidate-pair').map((stats) => pair(stats, byId));
  const remote = connection.remoteDescription?.sdp ?? '';
  return {
    transport: states(connection),
    answered: remote !== '',
    remoteCandidates: candidates(remote),
    localCandidates: candidates(connection.localDescription?.sdp ?? ''),
    pairs,
    // Not every browser counts; those say nothing, or 0 for good.
    heard: pairs.reduce((sum, p) => sum + p.bytesReceived + p.responsesReceived, 0) || null,
    sounds: new Map(
      all.filter(isSound).map(({ trackIdentifier, packetsReceived }) => [trackIdentifier, packetsReceived]),
    ),
  };
}

function isSound(stats: Stats): stats is Stats & InboundStats {
  const { type, kind, trackIdentifier, packetsReceived } = stats;
  return type === 'inbound-rtp' && kind === 'audio' && trackIdentifier !== undefined && packetsReceived !== undefined;
}

function states(connection: RTCPeerConnection): TransportStates {
  const transport = connection.getTransceivers().find(({ sender }) => sender.transport !== null)?.sender.transport;
  return {
    connection: connection.connectionState,
    ice: connection.iceConnectionState,
    gathering: connection.iceGatheringState,
    dtls: transport?.state ?? null,
  };
}

function pair(stats: Stats, byId: ReadonlyMap<string, Stats>): CandidatePair {
  const end = (id: string | undefined) => candidateOf(byId.get(id ?? ''));
  return {
    local: end(stats.localCandidateId),
    remote: end(stats.remoteCandidateId),
    state: stats.state ?? 'waiting',
    nominated: stats.nominated ?? false,
    requestsSent: stats.requestsSent ?? 0,
    responsesReceived: stats.responsesReceived ?? 0,
    bytesSent: stats.bytesSent ?? 0,
    bytesReceived: stats.bytesReceived ?? 0,
  };
}

function candidateOf(stats: Stats | undefined): Candidate | null {
  if (stats === undefined) return null;
  return {
    // Browsers that hide an address say an empty one.
    address: stats.address === '' ? null : (stats.address ?? null),
    port: stats.port ?? null,
    protocol: stats.protocol === 'tcp' ? 'tcp' : 'udp',
    type: stats.candidateType ?? 'host',
  };
}

/** `a=candidate:<foundation> <component> <protocol> <priority> <address> <port> typ <type>` (RFC 8839 section 5.1). */
const CANDIDATE = /^a=candidate:\S+ \d+ (\S+) \d+ (\S+) (\d+) typ (host|srflx|prflx|relay)/gm;

/** The candidates of a session description, each once: all lines of a bundle have the same. */
export function candidates(sdp: string): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const [, protocol = '', address = '', port = '', type = ''] of sdp.matchAll(CANDIDATE)) {
    const candidate: Candidate = {
      address,
      port: Number(port),
      protocol: protocol.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
      type: type as RTCIceCandidateType,
    };
    found.set(JSON.stringify(candidate), candidate);
  }
  return [...found.values()];
}
