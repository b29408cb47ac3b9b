/** Measures how loud a track is, where statistics do not tell. */
export interface LevelMeter {
  /** Level of this moment, from 0 to 1; 0 while the browser lets nothing be measured. */
  level(track: MediaStreamTrack): number;
  /** Frees what measuring took; it may be used again. */
  close(): void;
}

/** Samples of one look: about 20 ms, as long as an audio packet. */
const WINDOW = 1024;

/** Measures with Web Audio. The sound goes nowhere. */
export function webAudioMeter(): LevelMeter {
  let measured: MediaStreamTrack | null = null;
  let context: AudioContext | null = null;
  let analyser: AnalyserNode | null = null;
  const samples = new Float32Array(WINDOW);

  const close = () => {
    void context?.close();
    context = analyser = measured = null;
  };
  const open = (track: MediaStreamTrack) => {
    close();
    measured = track;
    context = new AudioContext();
    analyser = context.createAnalyser();
    analyser.fftSize = WINDOW;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  };
  return {
    level: (track) => {
      if (measured !== track) open(track);
      // Browsers let it run only after the person has done something on the page.
      if (context?.state === 'suspended') void context.resume();
      if (context?.state !== 'running' || analyser === null) return 0;
      analyser.getFloatTimeDomainData(samples);
      return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / WINDOW);
    },
    close,
  };
}
