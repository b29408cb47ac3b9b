/** What the page needs to capture a screen; tests bring their own. */
export interface ScreenEdges {
  /** Null where the browser cannot, as on phones. */
  readonly getDisplayMedia: ((options: DisplayMediaStreamOptions) => Promise<MediaStream>) | null;
  /** Whether the browser can keep the sounds of this page out of the sound of the whole system. */
  readonly filtersOwnSound: boolean;
}

export function browserScreenEdges(): ScreenEdges {
  const devices = (navigator as Partial<Navigator>).mediaDevices as Partial<MediaDevices> | undefined;
  const supported = (devices?.getSupportedConstraints?.() ?? {}) as { restrictOwnAudio?: boolean };
  return {
    getDisplayMedia: devices?.getDisplayMedia?.bind(devices) ?? null,
    filtersOwnSound: supported.restrictOwnAudio === true,
  };
}

/** What matters in a shared picture: that text is sharp, or that motion is smooth. */
export type Hint = 'text' | 'motion';

/** A screen, window or tab that is captured now. */
export interface Capture {
  readonly video: MediaStreamTrack;
  /** Its sound; null where the browser or the person gives none. */
  readonly audio: MediaStreamTrack | null;
  readonly hint: Hint;
  /** For this person to look at; null when that would show itself in itself without end. */
  readonly preview: MediaStream | null;
}

/** Why nothing could be captured. A person who closes the question knows why: that is none. */
export type CaptureProblem = 'denied_by_system' | 'missing' | 'failed';

/**
 * The longest side of what is captured, pixels; of screens that stand upright as well, whose text would blur otherwise.
 * More costs every viewer bandwidth for what few screens show.
 */
export const LONGEST = 1920;
/** Pictures per second: slides and documents hardly move, and a slower picture can be a sharper one. */
export const FRAME_RATES: Readonly<Record<Hint, number>> = { text: 15, motion: 30 };

/** Options newer than TypeScript's own. */
interface CaptureOptions extends DisplayMediaStreamOptions {
  readonly audio: MediaTrackConstraints & { readonly restrictOwnAudio?: boolean };
  readonly selfBrowserSurface: 'exclude';
  readonly surfaceSwitching: 'include';
  readonly systemAudio: 'include' | 'exclude';
}

/** Opens the browser's question. Has to be called while a click is handled. */
export async function capture({
  getDisplayMedia,
  filtersOwnSound,
}: ScreenEdges): Promise<Capture | CaptureProblem | null> {
  if (getDisplayMedia === null) return 'failed';
  // Music and films come as they are; processing is for voices.
  const sound = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const options: CaptureOptions = {
    video: pictureConstraints('motion'),
    audio: filtersOwnSound ? { ...sound, restrictOwnAudio: true } : sound,
    selfBrowserSurface: 'exclude',
    surfaceSwitching: 'include',
    // Without the filter, the others would hear themselves in it.
    systemAudio: filtersOwnSound ? 'include' : 'exclude',
  };
  try {
    return read(await getDisplayMedia(options));
  } catch (error) {
    return classify(error);
  }
}

/** What a track is limited to at its source. */
export function pictureConstraints(hint: Hint): MediaTrackConstraints {
  return { width: { max: LONGEST }, height: { max: LONGEST }, frameRate: { max: FRAME_RATES[hint] } };
}

function read(stream: MediaStream): Capture | CaptureProblem {
  const [video] = stream.getVideoTracks();
  const [audio = null] = stream.getAudioTracks();
  if (!video) return 'missing';
  const { displaySurface } = video.getSettings();
  // A tab with sound is most likely a film.
  const hint = displaySurface === 'browser' && audio !== null ? 'motion' : 'text';
  // The whole screen has this page in it; a browser that does not tell may have captured that.
  const harmless = displaySurface === 'browser' || displaySurface === 'window';
  return { video, audio, hint, preview: harmless ? new MediaStream([video]) : null };
}

function classify(error: unknown): CaptureProblem | null {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  switch (name) {
    case 'NotAllowedError':
      return /system/i.test(message) ? 'denied_by_system' : null;
    case 'NotFoundError':
      return 'missing';
    default:
      return 'failed';
  }
}
