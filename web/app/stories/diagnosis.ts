import type { Candidate, Diagnosis, Suspect } from '@videoroom/client';

/** What a client found out when a server at `host` named these addresses. */
export function aDiagnosis(
  suspect: Suspect | null,
  host = 'meet.example',
  addresses: readonly string[] = [],
): Diagnosis {
  const remoteCandidates = addresses.map((address): Candidate => ({
    address,
    port: 50_000,
    protocol: 'udp',
    type: 'host',
  }));
  const local: Candidate = { address: '192.168.178.23', port: 61_000, protocol: 'udp', type: 'host' };
  return {
    media: 'blocked',
    waitedMs: 9_400,
    failedSessions: 1,
    signalling: { host, secure: true, connected: true },
    transport: { connection: 'connecting', ice: 'checking', gathering: 'complete', dtls: 'new' },
    remoteCandidates,
    localCandidates: [local],
    pairs: remoteCandidates.map((remote) => ({
      local,
      remote,
      state: 'in-progress',
      nominated: false,
      requestsSent: 12,
      responsesReceived: 0,
      bytesSent: 0,
      bytesReceived: 0,
    })),
    suspect,
  };
}
