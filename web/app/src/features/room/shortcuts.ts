import type { Shortcut } from '../../ui/RoundButton';

/** What a key does in the room. */
export type ShortcutAction = 'microphone' | 'camera' | 'share' | 'people' | 'fullScreen' | 'help';

/** Single keys, those that people know from other meetings; as `KeyboardEvent.key`. */
export const SHORTCUT_KEYS: Readonly<Record<ShortcutAction, string>> = {
  microphone: 'm',
  camera: 'v',
  share: 'd',
  people: 'p',
  fullScreen: 'f',
  help: '?',
};

/** Held down, it lets somebody speak who is muted. */
export const TALK_KEY = ' ';

/** As much of an event as is looked at. */
export type Key = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat' | 'isComposing' | 'target'
>;

/** What is typed into keeps its letters; a dialog keeps all of its keys. */
const TYPED_INTO = 'input, select, textarea, [contenteditable], dialog, [role="dialog"]';
/** What the space bar presses. */
const PRESSED = `${TYPED_INTO}, button, a[href], summary`;

/** What a key that went down is for; null for everything that is not ours. */
export function shortcutOf(event: Key): ShortcutAction | null {
  if (!isPlain(event) || event.repeat || isIn(event.target, TYPED_INTO)) return null;
  const letter = letterOf(event);
  const actions = Object.keys(SHORTCUT_KEYS) as ShortcutAction[];
  return actions.find((action) => SHORTCUT_KEYS[action] === letter) ?? null;
}

/** Whether a key that went down is the one to talk with, and does nothing else where it went down. */
export function isTalkKey(event: Key): boolean {
  return event.key === TALK_KEY && isPlain(event) && !isIn(event.target, PRESSED);
}

/** How a button says its key: `aria-keyshortcuts` names keys without what Shift makes of them. */
export function shortcutLabel(action: ShortcutAction): Shortcut {
  const label = SHORTCUT_KEYS[action].toUpperCase();
  return { label, aria: label === '?' ? 'Shift+/' : label };
}

function isPlain({ ctrlKey, metaKey, altKey, isComposing }: Key): boolean {
  return !ctrlKey && !metaKey && !altKey && !isComposing;
}

function isIn(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

/** On keyboards without Latin letters the place of the key counts. */
function letterOf({ key, code }: Key): string {
  if (/^[a-z?]$/i.test(key)) return key.toLowerCase();
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? '';
}
