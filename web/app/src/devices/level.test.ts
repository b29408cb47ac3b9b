import { expect, it } from 'vitest';
import { levelOf } from './level';

const tone = (amplitude: number) => Float32Array.from({ length: 1024 }, (_, n) => amplitude * Math.sin(n / 5));

it.each([
  ['silence', 0, 0],
  ['a quiet room', 0.002, 0],
  ['speaking', 0.08, 4],
  ['shouting', 1, 5],
])('%s', (_, amplitude, level) => {
  expect(levelOf(tone(amplitude), 5)).toBe(level);
});
