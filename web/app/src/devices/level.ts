import { useEffect, useState } from 'react';

/** How often the meter looks. */
const EVERY_MS = 80;
/** From a quiet room to a voice close to the microphone, in dB below full scale. */
const QUIET_DB = -52;
const LOUD_DB = -12;

/** How many of `bars` a sample lights. */
export function levelOf(samples: Float32Array, bars: number): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const db = 10 * Math.log10(sum / Math.max(samples.length, 1) + 1e-12);
  const part = (db - QUIET_DB) / (LOUD_DB - QUIET_DB);
  return Math.max(0, Math.min(bars, Math.ceil(part * bars)));
}

/** The level of a microphone, 0 to `bars`; null while the browser lets nothing be measured. */
export function useLevel(track: MediaStreamTrack | null, bars: number): number | null {
  const [level, setLevel] = useState<{ track: MediaStreamTrack; value: number } | null>(null);
  useEffect(() => (track ? measure(track, bars, (value) => setLevel({ track, value })) : undefined), [track, bars]);
  return level?.track === track ? level.value : null;
}

function measure(track: MediaStreamTrack, bars: number, report: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (context.state !== 'running') return;
    analyser.getFloatTimeDomainData(samples);
    report(levelOf(samples, bars));
  }, EVERY_MS);
  // Browsers start it asleep until the person has done something on the page.
  const wake = () => void context.resume();
  wake();
  document.addEventListener('pointerdown', wake);
  document.addEventListener('keydown', wake);
  return () => {
    clearInterval(timer);
    document.removeEventListener('pointerdown', wake);
    document.removeEventListener('keydown', wake);
    void context.close();
  };
}
