/** Longer lets people talk to a picture; shorter calls a slow camera or a short gap a fault. */
const FROZEN_AFTER_MS = 4_000;
const LOOK_EVERY_MS = 1_000;

/** What is read of a video element. */
export type Frames = Pick<HTMLVideoElement, 'getVideoPlaybackQuality' | 'paused'>;

/**
 * Tells when a moving picture stands still, and when it moves again. Counts what the browser counts anyway, once a
 * second: a callback for each frame of 25 tiles would cost more than the answer is worth. Returns how to stop it.
 */
export function watchFrames(video: Frames, onFrozen: (frozen: boolean) => void): () => void {
  let count = 0;
  let movedAt: number | null = null;
  let frozen = false;
  const timer = setInterval(() => {
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    const now = performance.now();
    const moved = totalVideoFrames !== count;
    count = totalVideoFrames;
    // Before its first frame a picture is not frozen but on its way; of a hidden page browsers draw none.
    if (moved) movedAt = now;
    else if (movedAt !== null && (document.hidden || video.paused)) movedAt = now;
    const isFrozen = movedAt !== null && now - movedAt >= FROZEN_AFTER_MS;
    if (isFrozen === frozen) return;
    frozen = isFrozen;
    onFrozen(frozen);
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
