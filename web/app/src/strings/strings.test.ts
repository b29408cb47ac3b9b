import { expect, it } from 'vitest';
import { formatElapsed, inSentence, listNames } from '.';

it.each([
  [0, '0:00'],
  [-5, '0:00'],
  [7_400, '0:07'],
  [24 * 60_000 + 31_000, '24:31'],
  [3_723_000, '1:02:03'],
])('%d ms is %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

it.each([
  ['Ana', 'Ana'],
  ['名前 🦦', '名前 🦦'],
  ['مريم', '\u2068مريم\u2069'],
  ['Ana שרה 7', '\u2068Ana שרה 7\u2069'],
])('keeps %j to itself in a sentence', (name, text) => {
  expect(inSentence(name)).toBe(text);
});

it.each([
  [['Ana'], 'Ana'],
  [['Ana', 'Ben'], 'Ana and Ben'],
  [['Ana', 'Ben', 'Chiara'], 'Ana, Ben and Chiara'],
])('lists %j', (names, text) => {
  expect(listNames(names)).toBe(text);
});
