import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { sameJson } from '../src/wire/json';
import { SDK_VERSION } from '../src/wire/encode';

describe('the version on the wire', () => {
  it('is the version of the package', () => {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    expect(SDK_VERSION).toBe(`web-${(JSON.parse(text) as { version: string }).version}`);
  });
});

describe('JSON values', () => {
  it.each([
    [null, null, true],
    [1, '1', false],
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: null }, { b: null }, false],
    [[1, 2], [1], false],
    [[], {}, false],
    [{}, null, false],
  ])('%j and %j are equal: %s', (a, b, equal) => {
    expect(sameJson(a, b)).toBe(equal);
    expect(sameJson(b, a)).toBe(equal);
  });
});
