import { expect, it } from 'vitest';
import { facingOf, isMirrored, opposite } from './facing';

it.each([
  ['user', 'Camera', 'user', true],
  ['environment', 'Camera', 'environment', false],
  [undefined, 'Front Camera', 'user', true],
  [undefined, 'Back Dual Wide Camera', 'environment', false],
  [undefined, 'camera2 0, facing back', 'environment', false],
  [undefined, 'HD Webcam', null, true],
  ['left', 'HD Webcam', null, true],
  [undefined, 'Feedback Cam', null, true],
])('facing mode %s, named %s: %s, mirrored %s', (facingMode, label, facing, mirrored) => {
  const track = { label, getSettings: () => (facingMode === undefined ? {} : { facingMode }) };
  expect(facingOf(track)).toBe(facing);
  expect(isMirrored(track)).toBe(mirrored);
});

it('turns around', () => {
  expect([opposite('user'), opposite('environment')]).toEqual(['environment', 'user']);
});
