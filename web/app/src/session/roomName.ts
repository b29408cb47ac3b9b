/** Room names as people type them, and as the server compares them. */

const LONGEST = 64;
const ALLOWED = /^[\p{L}\p{M}\p{Nd} \-_.]+$/u;

/** What is wrong with a room name; null when nothing is. */
export type RoomNameFault = 'empty' | 'too_long' | 'characters' | 'dots';

/** The form in which a name is shown and sent: trimmed and composed (NFC). */
export function tidyRoomName(name: string): string {
  return name.trim().normalize('NFC');
}

export function roomNameFault(name: string): RoomNameFault | null {
  const tidy = tidyRoomName(name);
  if (tidy === '') return 'empty';
  if (Array.from(tidy).length > LONGEST) return 'too_long';
  if (!ALLOWED.test(tidy)) return 'characters';
  // Every browser reads these two as "this folder" and "the folder above", so no link can carry them.
  if (tidy === '.' || tidy === '..') return 'dots';
  return null;
}

/** Equal for names that mean the same room in this browser's storage. Only a key: the server decides what is equal. */
export function roomKey(name: string): string {
  return Array.from(tidyRoomName(name), foldCase).join('').normalize('NFC');
}

/** Default case folding (Unicode chapter 3.13) of one character: upper case in between makes `ß` and `ss` one. */
function foldCase(char: string): string {
  // The only letter that folding keeps apart from its capital's small form, `i`.
  return char === 'ı' ? char : char.toLowerCase().toUpperCase().toLowerCase();
}

// Short, friendly, easy to say on the phone, and clear of each other in sound.
const MOODS =
  'calm quiet bright brave clever cosy eager early fair gentle golden happy honest humble jolly keen kind lively lucky mellow merry mild noble patient proud quick ready silver smart snug soft sunny swift tidy warm wise witty young'.split(
    ' ',
  );
const COLOURS =
  'amber azure blue bronze copper coral cream crimson emerald green indigo ivory jade lemon lilac lime maroon mint navy olive orange pearl pink plum purple red rose ruby rust sand scarlet teal violet white yellow'.split(
    ' ',
  );
const ANIMALS =
  'badger bear beaver bison crane deer dolphin dove duck eagle falcon finch fox gecko goose hare hawk heron horse koala lark lemur lion lynx marten mole moose otter owl panda parrot puffin rabbit raven robin seal sparrow stork swan tiger toad turtle walrus whale wolf wren yak zebra'.split(
    ' ',
  );

/** A good name for a new room, such as `quiet-amber-otter`. `random` returns numbers in [0, 1). */
export function randomRoomName(random: () => number = secureRandom): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? words[0] ?? '';
  return [pick(MOODS), pick(COLOURS), pick(ANIMALS)].join('-');
}

/** Whoever knows the name can join, so the name must not be guessed from others made by the same page. */
function secureRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}
