import type { Candidate, Diagnosis } from '@videoroom/client';
import { listNames, t } from '../strings';
import { hostOf, isThisComputer, reachOf } from './addresses';

/** What most likely keeps sound and picture from getting through, in the terms of who can mend it. */
export type Culprit = keyof typeof t.noMedia.culprits;

/** More are a list that nobody reads; the details have them all. */
const MOST_ADDRESSES = 3;

/**
 * Pure: one cause for what was found out. The client says which step failed; where the server and its addresses are says
 * whose turn it is.
 *
 * @param othersAreIn - whether somebody else is in the call: the server then lets sound and picture through to some
 */
export function culprit({ suspect, signalling, remoteCandidates }: Diagnosis, othersAreIn: boolean): Culprit {
  const host = hostOf(signalling?.host ?? '');
  const fromContainer = remoteCandidates.length > 0 && remoteCandidates.every(isInContainer);
  switch (suspect) {
    case 'private_address':
      if (fromContainer && reachOf(host) !== 'container') return 'container_address';
      return reachOf(host) === 'public' ? 'private_address' : 'other_network';
    case 'no_reply':
      // Where containers run in a machine of their own, not even this computer reaches them.
      if (fromContainer && isThisComputer(host)) return 'container_address';
      if (reachOf(host) !== 'public') return 'server_firewall';
      return othersAreIn ? 'network_blocks' : 'no_reply';
    case 'no_server_address':
    case 'no_local_address':
    case 'handshake':
      return suspect;
    case null:
      return 'unknown';
  }
}

function isInContainer({ address }: Candidate): boolean {
  return address !== null && reachOf(address) === 'container';
}

/** "192.0.2.7 and 10.0.0.5, port 50000, over UDP": where sound and picture were sent in vain; empty when nowhere. */
export function tried({ remoteCandidates }: Diagnosis): string {
  const ways = new Map<string, { first: Candidate; addresses: Set<string> }>();
  for (const candidate of remoteCandidates) {
    const way = `${candidate.protocol} ${candidate.port ?? ''}`;
    const known = ways.get(way) ?? { first: candidate, addresses: new Set<string>() };
    if (candidate.address !== null) known.addresses.add(candidate.address);
    ways.set(way, known);
  }
  return Array.from(ways.values(), ({ first: { port, protocol }, addresses }) =>
    t.noMedia.way(listAddresses(Array.from(addresses)), port, protocol.toUpperCase()),
  ).join('; ');
}

function listAddresses(addresses: readonly string[]): string {
  const rest = addresses.length - MOST_ADDRESSES;
  return listNames(rest > 1 ? [...addresses.slice(0, MOST_ADDRESSES), t.noMedia.moreAddresses(rest)] : addresses);
}

/** Facts to copy, for whoever runs the server: no token, no name, and of the person's own addresses only their kind. */
export function describeDiagnosis(diagnosis: Diagnosis, cause: Culprit): string {
  const { media, waitedMs, failedSessions, signalling, transport, remoteCandidates, localCandidates, pairs } =
    diagnosis;
  const server = (candidate: Candidate | null) =>
    candidate ? `${candidate.protocol} ${candidate.address ?? 'hidden'} port ${candidate.port ?? '?'}` : 'unknown';
  const own = (candidate: Candidate | null) =>
    candidate ? `${candidate.protocol} ${candidate.type} ${ownKind(candidate.address)}` : 'unknown';
  return [
    `media: ${media}, ${Math.round(waitedMs / 1000)} s, ${failedSessions} sessions in vain`,
    `cause: ${cause}`,
    ...(signalling
      ? [`signalling: ${signalling.secure ? 'wss' : 'ws'} ${signalling.host} ${signalling.connected ? 'up' : 'down'}`]
      : []),
    ...(transport
      ? [
          `connection: ${transport.connection}, ICE ${transport.ice}, gathering ${transport.gathering}, DTLS ${transport.dtls ?? 'none'}`,
        ]
      : []),
    ...unique(remoteCandidates.map((candidate) => `server: ${server(candidate)}`)),
    ...unique(localCandidates.map((candidate) => `browser: ${own(candidate)}`)),
    ...pairs.map(
      ({ local, remote, state, requestsSent, responsesReceived }) =>
        `way: ${own(local)} to ${server(remote)}: ${state}, ${requestsSent} checks sent, ${responsesReceived} answered`,
    ),
  ].join('\n');
}

/** A person's own addresses are nobody's business; what kind they are is what helps. */
function ownKind(address: string | null): string {
  if (address === null || address.endsWith('.local')) return 'hidden address';
  return `${reachOf(address)} ${address.includes(':') ? 'IPv6' : 'IPv4'} address`;
}

function unique(lines: readonly string[]): string[] {
  return Array.from(new Set(lines));
}
