import type { RemoteTrack } from '@videoroom/client';

/** What a remote track is to the page. */
export type TrackRole = 'microphone' | 'camera' | 'screenVideo' | 'screenAudio';

const ROLES = new Map<string, TrackRole>([
  ['microphone', 'microphone'],
  ['camera', 'camera'],
  ['screenShareVideo', 'screenVideo'],
  ['screenShareAudio', 'screenAudio'],
  // Written by older applications of the same media server.
  ['audio', 'microphone'],
  ['screensharing', 'screenVideo'],
]);

/** Applications that write no type we know still mean something to be seen or heard. */
export function trackRole(track: Pick<RemoteTrack, 'kind' | 'metadata'>): TrackRole {
  const role = ROLES.get(String(track.metadata?.type));
  const isVideo = role === 'camera' || role === 'screenVideo';
  if (role && isVideo === (track.kind === 'video')) return role;
  return track.kind === 'video' ? 'camera' : 'microphone';
}

/** Whether its owner muted it. */
export function isPaused(track: Pick<RemoteTrack, 'metadata'>): boolean {
  // Older applications write `active` instead.
  return track.metadata?.paused === true || track.metadata?.['active'] === false;
}
