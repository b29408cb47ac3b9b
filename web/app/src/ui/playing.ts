/** Phones pause sound for a phone call and do not resume it by themselves; sooner, they would pause it again. */
const RESUME_AFTER_MS = 1_000;

/** As much of an `<audio>` element as is used. */
export type Playable = Pick<
  HTMLMediaElement,
  'play' | 'paused' | 'isConnected' | 'addEventListener' | 'removeEventListener'
> & {
  srcObject: MediaProvider | null;
};

export interface PlayingOptions {
  readonly element: Playable;
  readonly stream: MediaStream;
  /** The browser keeps sound off until a click. */
  readonly onBlocked: () => void;
  /** Calls back when the page is shown again. Returns how to stop that. */
  readonly onShown: (listener: () => void) => () => void;
}

/** Plays a stream, and goes on when the system paused it. Returns how to stop. */
export function keepPlaying({ element, stream, onBlocked, onShown }: PlayingOptions): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const play = (): void => {
    element.play().catch((error: unknown) => {
      // `AbortError`: another stream was attached, or it was paused, before this one began.
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
    });
  };
  const resume = (): void => {
    // A stream that ended pauses as well, and so does an element that is taken out.
    if (element.paused && element.isConnected && stream.active) play();
  };
  const onPause = (): void => {
    clearTimeout(timer);
    timer = setTimeout(resume, RESUME_AFTER_MS);
  };
  element.srcObject = stream;
  play();
  element.addEventListener('pause', onPause);
  const unsubscribe = onShown(resume);
  return () => {
    clearTimeout(timer);
    unsubscribe();
    element.removeEventListener('pause', onPause);
    element.srcObject = null;
  };
}

/** Calls back when this page is shown again. */
export function whenShown(listener: () => void): () => void {
  const onChange = () => {
    if (document.visibilityState === 'visible') listener();
  };
  document.addEventListener('visibilitychange', onChange);
  return () => document.removeEventListener('visibilitychange', onChange);
}
