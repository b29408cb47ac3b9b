import { describe, expect, it } from 'vitest';
import { randomRoomName, roomKey, roomNameFault, tidyRoomName } from './roomName';

describe('roomNameFault', () => {
  it.each([
    ['daily', null],
    ['  daily  ', null],
    ['Zażółć gęślą 2_3.4-5', null],
    ['会議', null],
    ['٣٤', null],
    ['', 'empty'],
    ['   ', 'empty'],
    ['a/b', 'characters'],
    ['what?', 'characters'],
    ['a\u202Eb', 'characters'],
    ['🦦', 'characters'],
    ['.', 'dots'],
    ['..', 'dots'],
    ['...', null],
    ['a'.repeat(64), null],
    ['𝒜'.repeat(64), null],
    ['a'.repeat(65), 'too_long'],
  ])('%j → %s', (name, fault) => {
    expect(roomNameFault(name)).toBe(fault);
  });
});

it('composes and trims', () => {
  expect(tidyRoomName(' cafe\u0301 ')).toBe('caf\u00E9');
  expect(roomKey(' CAFE\u0301')).toBe('caf\u00E9');
});

describe('roomKey', () => {
  it.each([
    ['Two', ' TWO '],
    ['Straße', 'STRASSE'],
    ['STRAẞE', 'strasse'],
    ['Ünder', 'u\u0308NDER'],
    ['ΣΑΣ', 'σας'],
    ['İ', 'i\u0307'],
  ])('%j and %j are one room', (one, other) => {
    expect(roomKey(one)).toBe(roomKey(other));
  });

  it.each([
    ['a b', 'a-b'],
    ['é', 'e'],
    ['ı', 'i'],
  ])('%j and %j are two', (one, other) => {
    expect(roomKey(one)).not.toBe(roomKey(other));
  });
});

describe('randomRoomName', () => {
  it('takes its words from the random source', () => {
    expect(randomRoomName(() => 0)).toBe('calm-amber-badger');
    expect(randomRoomName(() => 0.999999)).toBe('young-yellow-zebra');
  });

  it('makes valid names that differ', () => {
    const names = Array.from({ length: 200 }, () => randomRoomName());
    for (const name of names) {
      expect(name).toMatch(/^[a-z]+-[a-z]+-[a-z]+$/);
      expect(roomNameFault(name)).toBeNull();
    }
    expect(new Set(names).size).toBeGreaterThan(150);
  });
});
