/** What a camera looks at. */
export type Facing = 'user' | 'environment';

/** Which way a camera looks; null where neither the browser nor the camera's name tells, as with most webcams. */
export function facingOf(track: Pick<MediaStreamTrack, 'getSettings' | 'label'>): Facing | null {
  const { facingMode } = track.getSettings();
  if (facingMode === 'user' || facingMode === 'environment') return facingMode;
  // Older phones tell it in the name only.
  if (/\b(back|rear|environment)\b/i.test(track.label)) return 'environment';
  return /\bfront\b/i.test(track.label) ? 'user' : null;
}

/** People know themselves from the mirror; what the back camera sees they know from looking at it. */
export function isMirrored(track: Pick<MediaStreamTrack, 'getSettings' | 'label'>): boolean {
  return facingOf(track) !== 'environment';
}

export function opposite(facing: Facing): Facing {
  return facing === 'user' ? 'environment' : 'user';
}
