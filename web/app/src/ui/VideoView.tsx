import { useEffect, useRef, useState, type Ref } from 'react';
import { classes } from './classes';
import { watchFrames } from './frames';

interface VideoViewProps {
  readonly stream: MediaStream | null;
  readonly mirrored?: boolean;
  /** `contain` shows all of it, as screens need. */
  readonly fit?: 'cover' | 'contain';
  readonly label?: string;
  /** Told when the picture stands still, and when it moves again. */
  readonly onFrozen?: ((frozen: boolean) => void) | undefined;
}

/** A silent moving picture. Invisible until its first frame is there. */
export function VideoView({ stream, mirrored = false, fit = 'cover', label, onFrozen }: VideoViewProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [shown, setShown] = useState<MediaStream | null>(null);
  useEffect(() => attach(video.current, stream), [stream]);
  useEffect(() => {
    if (!onFrozen || !stream || !video.current) return;
    const stop = watchFrames(video.current, onFrozen);
    return () => {
      stop();
      onFrozen(false);
    };
  }, [stream, onFrozen]);
  return (
    <video
      ref={video satisfies Ref<HTMLVideoElement>}
      aria-label={label}
      aria-hidden={label === undefined}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      onLoadedData={() => setShown(stream)}
      className={classes(
        'absolute inset-0 size-full transition-opacity duration-(--calm)',
        fit === 'cover' ? 'object-cover' : 'object-contain',
        mirrored && '-scale-x-100',
        stream !== null && shown === stream ? 'opacity-100' : 'opacity-0',
      )}
    />
  );
}

function attach(element: HTMLVideoElement | null, stream: MediaStream | null): void {
  if (!element || element.srcObject === stream) return;
  element.srcObject = stream;
  // Muted video needs no permission; a rejection means that the next picture came before this one began.
  element.play().catch(() => undefined);
}
