import { areNeighbours, isPrivate, isV4 } from './address';
import type { Evidence } from './evidence';
import type { Candidate, Suspect } from './types';

/**
 * Pure: the likely culprit when media does not get through.
 *
 * @param host - name or address that signalling goes to, without port
 */
export function suspect(evidence: Evidence, host: string): Suspect | null {
  const { transport, remoteCandidates, localCandidates, pairs } = evidence;
  // Before an answer nobody has tried anything.
  if (!evidence.answered) return null;
  if (remoteCandidates.length === 0) return 'no_server_address';
  if (pairs.some(({ responsesReceived }) => responsesReceived > 0)) {
    return transport.connection === 'connected' || transport.dtls === 'connected' ? null : 'handshake';
  }
  if (isElsewhere(remoteCandidates, host)) return 'private_address';
  const nothingSent = pairs.every(({ requestsSent }) => requestsSent === 0);
  if (nothingSent && localCandidates.length === 0 && transport.gathering === 'complete') return 'no_local_address';
  return 'no_reply';
}

/** Whether all addresses belong to a network that the one who asks is most likely not in. */
function isElsewhere(candidates: readonly Candidate[], host: string): boolean {
  if (!candidates.every(({ address }) => address !== null && isPrivate(address))) return false;
  if (!isPrivate(host)) return true;
  if (!isV4(host) || host.startsWith('127.')) return false;
  return !candidates.some(({ address }) => address !== null && areNeighbours(address, host));
}
