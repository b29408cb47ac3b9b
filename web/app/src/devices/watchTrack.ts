/** Shorter pauses are hiccups of a slow camera or a busy machine. */
const MUTE_PATIENCE_MS = 1_000;

interface TrackListener {
  /** It ended without the page stopping it. */
  readonly ended: () => void;
  /** The system began or ceased to withhold its media, as phones do during a phone call. */
  readonly interrupted: (now: boolean) => void;
}

/** Tells what happens to a captured track. */
export function watchTrack(track: MediaStreamTrack, { ended, interrupted }: TrackListener): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let told = false;
  const tell = (now: boolean) => {
    if (told === now) return;
    told = now;
    interrupted(now);
  };
  const onMute = () => {
    clearTimeout(timer);
    timer = setTimeout(() => tell(track.muted && track.readyState === 'live'), MUTE_PATIENCE_MS);
  };
  track.addEventListener('mute', onMute);
  track.addEventListener('unmute', () => {
    clearTimeout(timer);
    tell(false);
  });
  track.addEventListener('ended', () => {
    clearTimeout(timer);
    ended();
  });
  // A phone call may go on while the page starts.
  if (track.muted) onMute();
}
