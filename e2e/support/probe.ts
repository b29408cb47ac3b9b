import type { Identity } from './identity';

/** What a probe says when it saw or heard nobody: why not. */
export type Nobody = string;

/** The eyes and ears of a test inside a page. */
export interface Probe {
  /** Whose picture a video element shows. */
  picture(element: Element): Identity | Nobody;
  /** How many frames a video element has shown since it was first asked. */
  frames(element: Element): number;
  /** Whose voices the page plays, in ascending order; a reason while the ear is still settling. */
  voices(): readonly Identity[] | Nobody;
}

declare global {
  interface Window {
    probe: Probe;
  }
}

/**
 * Init script: puts {@link Probe} on the window. Self-contained, because it is serialised into the page.
 * The numbers mirror `installIdentity`: neighbouring colours are 28° apart, neighbouring tones 100 Hz.
 */
export function installProbe(): void {
  const HUE_TOLERANCE = 12;
  const TONE_TOLERANCE = 15;
  const SILENCE = -60; // dB; a tone arrives at about -20
  const SETTLING = 400; // ms until an analyser's window is filled with what is played now
  const ids = [1, 2, 3, 4, 5, 6, 7, 8];

  const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 18 });
  const brush = canvas.getContext('2d', { willReadFrequently: true });

  const picture = (element: Element): Identity | Nobody => {
    if (!(element instanceof HTMLVideoElement)) return `a ${element.localName} is no video`;
    if (element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return 'no frame yet';
    if (brush === null) return 'no canvas context';
    brush.drawImage(element, 0, 0, canvas.width, canvas.height);
    const [red = 0, green = 0, blue = 0] = brush.getImageData(2, 2, 1, 1).data;
    const greatest = Math.max(red, green, blue);
    const spread = greatest - Math.min(red, green, blue);
    if (spread < 40) return `grey rgb(${red} ${green} ${blue})`;
    const sector =
      greatest === red
        ? (green - blue) / spread
        : greatest === green
          ? (blue - red) / spread + 2
          : (red - green) / spread + 4;
    const hue = (sector * 60 + 360) % 360;
    const near = (id: Identity): boolean => {
      const distance = Math.abs(hue - ((id * 97) % 360));
      return Math.min(distance, 360 - distance) <= HUE_TOLERANCE;
    };
    return ids.find(near) ?? `the hue ${Math.round(hue)}° is nobody's`;
  };

  const shown = new WeakMap<HTMLVideoElement, number>();
  const frames = (element: Element): number => {
    if (!(element instanceof HTMLVideoElement)) throw new Error(`a ${element.localName} is no video`);
    const count = shown.get(element);
    if (count !== undefined) return count;
    shown.set(element, 0);
    const onFrame = (): void => {
      shown.set(element, (shown.get(element) ?? 0) + 1);
      element.requestVideoFrameCallback(onFrame);
    };
    element.requestVideoFrameCallback(onFrame);
    return 0;
  };

  interface Ear {
    readonly analyser: AnalyserNode;
    readonly since: number;
  }
  let context: AudioContext | null = null;
  const ears = new Map<string, Ear>();
  const listenTo = (track: MediaStreamTrack): Ear => {
    const known = ears.get(track.id);
    if (known !== undefined) return known;
    context ??= new AudioContext();
    void context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(analyser);
    const ear = { analyser, since: performance.now() };
    ears.set(track.id, ear);
    return ear;
  };

  const playedTracks = (): MediaStreamTrack[] =>
    [...document.querySelectorAll<HTMLMediaElement>('audio, video')]
      .filter((element) => !element.muted && !element.paused && element.srcObject instanceof MediaStream)
      .flatMap((element) => (element.srcObject instanceof MediaStream ? element.srcObject.getAudioTracks() : []));

  const loudest = ({ analyser }: Ear): { tone: number; level: number } => {
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const bin = levels.indexOf(levels.reduce((a, b) => Math.max(a, b), -Infinity));
    return { tone: (bin * analyser.context.sampleRate) / analyser.fftSize, level: levels[bin] ?? -Infinity };
  };

  const voices = (): readonly Identity[] | Nobody => {
    const heard = new Set<Identity>();
    for (const track of playedTracks()) {
      const ear = listenTo(track);
      if (performance.now() - ear.since < SETTLING || ear.analyser.context.state !== 'running')
        return 'still listening';
      const { tone, level } = loudest(ear);
      if (level < SILENCE) continue;
      const id = ids.find((candidate) => Math.abs(tone - (300 + 100 * candidate)) <= TONE_TOLERANCE);
      if (id === undefined) return `the tone ${Math.round(tone)} Hz is nobody's`;
      heard.add(id);
    }
    return [...heard].sort((a, b) => a - b);
  };

  window.probe = { picture, frames, voices };
}
