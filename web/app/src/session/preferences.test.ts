import { describe, expect, it } from 'vitest';
import { readPreferences, writePreferences } from './preferences';

function memory(initial: Record<string, string> = {}) {
  const values = new Map(Object.entries(initial));
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

describe('preferences', () => {
  it('merges and forgets', () => {
    const store = memory();
    writePreferences({ name: 'Ana', camera: { id: 'c', label: 'Cam' } }, store);
    writePreferences({ theme: 'dark', camera: undefined }, store);
    expect(readPreferences(store)).toEqual({ name: 'Ana', theme: 'dark' });
  });

  it.each(['', '[', '7', 'null', '{"name":7,"theme":"pink","camera":"x","speaker":{"id":1}}'])(
    'survives %j',
    (text) => {
      expect(readPreferences(memory({ 'videoroom:preferences': text }))).toEqual({});
    },
  );

  it('works without storage', () => {
    expect(readPreferences(null)).toEqual({});
    expect(() => writePreferences({ name: 'Ana' }, null)).not.toThrow();
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    expect(() => writePreferences({ name: 'Ana' }, full)).not.toThrow();
  });
});
