import type { RemoteMedia } from '../state/actions';
import type { LineCounts } from '../wire/events';
import type { RemoteStreams } from './streams';

/** Adds receiving lines up to the totals of the server. A line that was answered inactive still counts. */
export function ensureLines(connection: RTCPeerConnection, counts: LineCounts): void {
  for (const kind of ['audio', 'video'] as const) {
    const existing = receiving(connection).filter(({ receiver }) => receiver.track.kind === kind).length;
    for (let n = existing; n < counts[kind]; n++) connection.addTransceiver(kind, { direction: 'recvonly' });
  }
  // An offer without any line leaves a Chromium connection unable to bundle for good.
  if (connection.getTransceivers().length === 0) connection.addTransceiver('audio', { direction: 'recvonly' });
}

/**
 * The remote tracks that the lines carry now. Only the map of the answer says which, and streams are ours, because a
 * line, and with it the browser's track, may serve another remote track later.
 */
export function receivedMedia(
  connection: RTCPeerConnection,
  midToTrackId: ReadonlyMap<string, string>,
  streams: RemoteStreams,
): ReadonlyMap<string, RemoteMedia> {
  const media = new Map<string, RemoteMedia>();
  for (const { mid, receiver } of receiving(connection)) {
    const trackId = midToTrackId.get(mid ?? '');
    if (trackId === undefined) continue;
    const kind = receiver.track.kind === 'audio' ? 'audio' : 'video';
    media.set(trackId, { kind, stream: streams.carry(trackId, receiver.track) });
  }
  return media;
}

function receiving(connection: RTCPeerConnection): readonly RTCRtpTransceiver[] {
  return connection.getTransceivers().filter(({ direction }) => direction === 'recvonly');
}
