import { expect, it } from 'vitest';
import { insideText } from './inside';

const info = (names: string[], full = false) => ({
  room: 'x',
  exists: true,
  full,
  people: names.map((name) => ({ name })),
});

it.each([
  [null, 'Looking who is inside…'],
  [info([]), 'Nobody is here yet.'],
  [info(['Ben']), 'Ben is in the room.'],
  [info(['Ben', 'Chiara']), 'Ben and Chiara are in the room.'],
  [info(['A', 'B', 'C', 'D']), 'A, B, C and D are in the room.'],
  [info(['A', 'B', 'C', 'D', 'E', '']), 'A, B, C and 3 others are in the room.'],
  [info(['مريم', 'Ben']), '\u2068مريم\u2069 and Ben are in the room.'],
  [info(['Ben'], true), 'This room is full at the moment.'],
])('%j', (room, text) => {
  expect(insideText(room)).toBe(text);
});
