import { describe, expect, it } from 'vitest';
import { avatarColor, initials, personNameFault, tidyPersonName } from './personName';

it.each([
  ['Ana', null],
  ['  ', 'empty'],
  ['a'.repeat(64), null],
  [` ${'é'.repeat(64)} `, null],
  ['a'.repeat(65), 'too_long'],
  ['', 'empty'],
  ['\u202E\u200B', 'empty'],
  ['\u0000\u2066 \u200D\uFEFF', 'empty'],
  ['\u200B'.repeat(65), 'empty'],
  ['A\u200Dna', null],
  [`${'\u202E'.repeat(9)}${'a'.repeat(64)}`, null],
])('personNameFault(%j) → %s', (name, fault) => {
  expect(personNameFault(name)).toBe(fault);
});

it.each([
  ['  Ana María ', 'Ana María'],
  ['A\u202Ena\u2066', 'Ana'],
  ['\u0000A\nn\ta\u007F', 'Ana'],
  ['\u202A Ana \u202C', 'Ana'],
  ['👩\u200D🚀 <b>', '👩\u200D🚀 <b>'],
])('tidyPersonName(%j) → %j', (name, tidy) => {
  expect(tidyPersonName(name)).toBe(tidy);
});

describe('initials', () => {
  it.each([
    ['Ana', 'A'],
    ['ana kowalska', 'AK'],
    ['Ana Maria Kowalska', 'AK'],
    ['Żaneta', 'Ż'],
    ['z\u0307aneta', 'Z\u0307'],
    ['дмитрий иванов', 'ДИ'],
    ['7 of 9', '79'],
    ['🦦', '🦦'],
    ['👩\u200D🚀👩🏽', '👩\u200D🚀'],
    ['🦦 Otto', 'O'],
    ['مريم السيد', 'ما'],
    ['???', '?'],
    ['', '?'],
  ])('%j → %j', (name, expected) => {
    expect(initials(name)).toBe(expected);
  });
});

/** WCAG 2 relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe('avatarColor', () => {
  it('is stable, spreads, and carries white letters', () => {
    const colors = Array.from({ length: 300 }, (_, n) => avatarColor(`person-${n}`));
    expect(avatarColor('person-7')).toBe(colors[7]);
    expect(new Set(colors).size).toBe(12);
    for (const color of colors) expect(1.05 / (luminance(color) + 0.05)).toBeGreaterThanOrEqual(4.5);
  });
});
