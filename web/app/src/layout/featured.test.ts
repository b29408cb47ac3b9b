import { describe, expect, it } from 'vitest';
import { feature, follow, NOTHING_FEATURED } from './featured';

/** What is large after each of these lists of screens. */
const after = (...lists: string[][]) => lists.reduce(follow, NOTHING_FEATURED);

describe('the large screen', () => {
  it.each<[string, string[][], string | null]>([
    ['none', [[]], null],
    ['the only one', [['a']], 'a'],
    ['the newest, wherever its person sits', [['b'], ['a', 'b']], 'a'],
    ['the newest of the rest when it ends', [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b']], 'b'],
    ['the same when another one ends', [['a'], ['a', 'b'], ['b']], 'b'],
    ['none when all ended', [['a', 'b'], []], null],
  ])('is %s', (_, lists, shown) => {
    expect(after(...lists).shown).toBe(shown);
  });

  it('is the chosen one until a new one comes', () => {
    const chosen = feature(after(['a'], ['a', 'b']), 'a');
    expect(chosen.shown).toBe('a');
    expect(follow(chosen, ['a', 'b'])).toBe(chosen);
    expect(follow(chosen, ['a']).shown).toBe('a');
    expect(follow(chosen, ['a', 'b', 'c']).shown).toBe('c');
  });

  it('cannot be one that is gone', () => {
    const one = after(['a']);
    expect(feature(one, 'b')).toBe(one);
  });
});
