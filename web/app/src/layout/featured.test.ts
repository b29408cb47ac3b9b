import { describe, expect, it } from 'vitest';
import { feature, follow, largest, NOTHING_FEATURED, pin, type Featured } from './featured';

const PEOPLE = ['ana', 'ben'];

/** What follows after each of these lists of screens. */
const after = (...lists: string[][]) =>
  lists.reduce((before, screens) => follow(before, screens, PEOPLE), NOTHING_FEATURED);
/** With other screens, and these people. */
const then = (before: Featured, screens: string[], people = PEOPLE) => follow(before, screens, people);

describe('the large screen', () => {
  it.each<[string, string[][], string | null]>([
    ['none', [[]], null],
    ['the only one', [['a']], 'a'],
    ['the newest, wherever its person sits', [['b'], ['a', 'b']], 'a'],
    ['the newest of the rest when it ends', [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b']], 'b'],
    ['the same when another one ends', [['a'], ['a', 'b'], ['b']], 'b'],
    ['none when all ended', [['a', 'b'], []], null],
  ])('is %s', (_, lists, shown) => {
    expect(largest(after(...lists))).toBe(shown);
  });

  it('is the chosen one until a new one comes', () => {
    const chosen = feature(after(['a'], ['a', 'b']), 'a');
    expect(largest(chosen)).toBe('a');
    expect(then(chosen, ['a', 'b'])).toBe(chosen);
    expect(largest(then(chosen, ['a']))).toBe('a');
    expect(largest(then(chosen, ['a', 'b', 'c']))).toBe('c');
  });

  it('cannot be one that is gone', () => {
    const one = after(['a']);
    expect(feature(one, 'b')).toBe(one);
  });
});

describe('whoever is pinned', () => {
  const pinned = pin(after(['a']), 'ben');

  it('is large whatever is shared, until unpinned', () => {
    expect(largest(pinned)).toBe('ben');
    expect(then(pinned, ['a'])).toBe(pinned);
    expect(largest(then(pinned, ['a', 'b']))).toBe('ben');
    expect(largest(then(pinned, []))).toBe('ben');
    expect(largest(pin(then(pinned, ['a', 'b']), 'ben'))).toBe('b');
  });

  it('gives way to another one, and to a screen that is chosen', () => {
    expect(largest(pin(pinned, 'ana'))).toBe('ana');
    expect(largest(feature(pinned, 'a'))).toBe('a');
  });

  it('is forgotten when they leave', () => {
    const left = then(pinned, ['a'], ['ana']);
    expect(largest(left)).toBe('a');
    expect(largest(then(left, ['a']))).toBe('a');
  });
});
