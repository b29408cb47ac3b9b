import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

const folder = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8');
const blocks = new Map(
  Array.from(read('README.md').matchAll(/^```ts (\w+)\n(.*?)^```$/gms), ([, name = '', code = '']) => [name, code]),
);

describe('the examples of the README', () => {
  it.each(readdirSync(new URL('examples', folder)))('are what is compiled: %s', (file) => {
    expect(blocks.get(file.replace('.ts', ''))).toBe(read(`examples/${file}`));
  });

  it('are all compiled', () => {
    expect(blocks.size).toBe(readdirSync(new URL('examples', folder)).length);
  });
});
