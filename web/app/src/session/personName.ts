const LONGEST = 64;

/** What is wrong with a display name; null when nothing is. */
export type PersonNameFault = 'empty' | 'too_long';

/** Control characters, and those that embed, override or isolate the writing direction (UAX #9, section 2). */
const REMOVED = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;
const VISIBLE = /[^\p{White_Space}\p{Cf}]/u;

/** The form in which a name is shown and sent: the server cleans and trims it in the same way. */
export function tidyPersonName(name: string): string {
  return name.replace(REMOVED, '').trim();
}

export function personNameFault(name: string): PersonNameFault | null {
  const tidy = tidyPersonName(name);
  if (!VISIBLE.test(tidy)) return 'empty';
  return Array.from(tidy).length > LONGEST ? 'too_long' : null;
}

/** At most two letters that stand for a person without a picture; of a name without letters its first sign. */
export function initials(name: string): string {
  const words = name
    .split(/[\s\-_.]+/u)
    .map((word) => /[\p{L}\p{Nd}]\p{M}*/u.exec(word)?.[0] ?? '')
    .filter((letter) => letter !== '');
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.join('').toLocaleUpperCase() || firstSign(name) || '?';
}

/** What people see as one character: an astronaut is three code points. */
function firstSign(name: string): string {
  // Missing in Firefox before version 125.
  const { Segmenter } = Intl as Partial<typeof Intl>;
  const signs = Segmenter ? Array.from(new Segmenter().segment(name.trim()), ({ segment }) => segment) : name.trim();
  return Array.from(signs)[0] ?? '';
}

/**
 * Background of an avatar: the same for everybody who sees the person. Every hue has a contrast of at least 4.5:1
 * to white letters.
 */
export function avatarColor(personId: string): string {
  // FNV-1a: short ids that differ in one letter land far apart.
  let hash = 0x811c9dc5;
  for (const char of personId) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return AVATAR_COLORS[hash % AVATAR_COLORS.length] ?? AVATAR_COLORS[0];
}

const AVATAR_COLORS = [
  '#b9541a',
  '#8a6a00',
  '#4f7a12',
  '#12805c',
  '#0b7a86',
  '#1f6fc4',
  '#4f5fe0',
  '#7b4fd6',
  '#a63fb5',
  '#c2357a',
  '#c93a3a',
  '#6b6257',
] as const;
