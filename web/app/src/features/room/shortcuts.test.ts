import { afterEach, describe, expect, it } from 'vitest';
import { isTalkKey, shortcutLabel, shortcutOf, type Key } from './shortcuts';

afterEach(() => document.body.replaceChildren());

const key = (name: string, more: Partial<Key> = {}): Key => ({
  key: name,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  isComposing: false,
  target: document.body,
  ...more,
});

/** Somewhere inside this document. */
function inside(html: string, selector: string): Partial<Key> {
  document.body.innerHTML = html;
  return { target: document.querySelector(selector) };
}

describe('shortcuts', () => {
  it.each([
    ['m', 'microphone'],
    ['V', 'camera'],
    ['d', 'share'],
    ['p', 'people'],
    ['f', 'fullScreen'],
    ['?', 'help'],
    ['x', null],
    ['Escape', null],
  ])('%s is for %s', (name, action) => {
    expect(shortcutOf(key(name))).toBe(action);
  });

  it('goes by the place of the key where the letters are others', () => {
    expect(shortcutOf(key('ь', { code: 'KeyM' }))).toBe('microphone');
    expect(shortcutOf(key('a', { code: 'KeyQ' }))).toBe(null);
  });

  it.each([
    ['with Control', { ctrlKey: true }],
    ['with Command', { metaKey: true }],
    ['with Alt', { altKey: true }],
    ['held down', { repeat: true }],
    ['while a letter is composed', { isComposing: true }],
    ['typed into a field', inside('<input />', 'input')],
    ['in a list', inside('<select></select>', 'select')],
    ['in a dialog', inside('<dialog><button></button></dialog>', 'button')],
    ['in a panel', inside('<div role="dialog"><button></button></div>', 'button')],
  ])('are no shortcuts %s', (_, more) => {
    expect(shortcutOf(key('m', more))).toBe(null);
  });

  it('work while a button has the focus, but talking is not what the space bar does there', () => {
    const there = inside('<button></button>', 'button');
    expect(shortcutOf(key('m', there))).toBe('microphone');
    expect(isTalkKey(key(' ', there))).toBe(false);
    expect(isTalkKey(key(' '))).toBe(true);
    expect(isTalkKey(key(' ', { ctrlKey: true }))).toBe(false);
  });

  it('are named for screen readers by the keys themselves', () => {
    expect(shortcutLabel('microphone')).toEqual({ label: 'M', aria: 'M' });
    expect(shortcutLabel('help')).toEqual({ label: '?', aria: 'Shift+/' });
  });
});
