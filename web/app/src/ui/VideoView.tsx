import { useEffect, useRef, useState, type Ref } from 'react';
import { classes } from './classes';
import { keepPlaying, whenShown } from './playing';
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
  useEffect(() => (video.current && stream ? show(video.current, stream) : undefined), [stream]);
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

function show(element: HTMLVideoElement, stream: MediaStream): () => void {
  // WebKit lets silent video begin by itself when it is marked so in the document; React only sets the property.
  element.defaultMuted = true;
  const pressed = new AbortController();
  const stop = keepPlaying({
    element,
    stream,
    onShown: whenShown,
    // Even silent video waits for a press while an iPhone saves power; whichever comes will do.
    onBlocked: () =>
      document.addEventListener('pointerup', () => void element.play().catch(() => undefined), {
        once: true,
        signal: pressed.signal,
      }),
  });
  return () => {
    pressed.abort();
    stop();
  };
}
