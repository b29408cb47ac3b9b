/** First delay after a failure that waiting may cure. Lower hammers a server in trouble; higher is felt. */
const SLOW_BASE_MS = 500;

/** Longest such delay. Higher leaves people waiting after the server is back; lower costs the server's other users. */
const SLOW_CAP_MS = 3_000;

/** Shortest and longest delay while nobody answers: nobody is disturbed, and who comes back is found at once. */
const QUICK_MS = { min: 300, max: 1_000 };

/** Longest delay before the first of them. Higher is felt; lower makes a whole room knock at the same moment. */
const FIRST_MS = 200;

/** Quick attempts in a row before they become slow: about 30 seconds. */
const QUICK_ATTEMPTS = 45;

/** Nominal delay after that. */
const PATIENT_MS = 4_000;

/**
 * Attempts in a row, by what is at stake. Attempts are counted, not time: a computer that slept shall not wake up to
 * a call that was given up meanwhile.
 */
const ATTEMPTS = {
  /** About 15 seconds: a person waits to get in. */
  joining: { quick: 20, slow: 7 },
  /** More than two minutes: enough for a server to restart or a train to leave its tunnel. */
  joined: { quick: 75, slow: 40 },
  /** Signalling works and media never does: each attempt takes long by itself. */
  media: 4,
};

/** How soon the next attempt may come: `quick` after one that nobody answered. */
export type Pace = 'quick' | 'slow';

/** What failed since all was well. */
export interface Failures {
  readonly quick: number;
  readonly slow: number;
  /** Those in which no media got through. */
  readonly media: number;
  readonly last: Pace;
}

/** All is well. */
export const NO_FAILURES: Failures = { quick: 0, slow: 0, media: 0, last: 'quick' };

/** Pure: one more failure. */
export function failed({ quick, slow, media }: Failures, pace: Pace, isMedia: boolean): Failures {
  return {
    quick: quick + (pace === 'quick' ? 1 : 0),
    slow: slow + (pace === 'slow' ? 1 : 0),
    media: media + (isMedia ? 1 : 0),
    last: pace,
  };
}

/**
 * Pure: milliseconds until the next attempt; null to give up.
 *
 * @param joined - whether this client has been in the room
 * @param random - in [0, 1): spreads the attempts, so that a room does not come back as one
 */
export function retryDelay({ quick, slow, media, last }: Failures, joined: boolean, random: number): number | null {
  const most = joined ? ATTEMPTS.joined : ATTEMPTS.joining;
  if (media >= ATTEMPTS.media || quick >= most.quick || slow >= most.slow) return null;
  if (last === 'slow') return Math.min(SLOW_CAP_MS, SLOW_BASE_MS * 2 ** (slow - 1)) * (0.5 + random);
  return quick > QUICK_ATTEMPTS ? PATIENT_MS * (0.5 + random) : quickDelay(quick - 1, random);
}

/** Pure: milliseconds until the next knock at a door where nobody answers. */
export function quickDelay(attempts: number, random: number): number {
  return attempts === 0 ? FIRST_MS * random : QUICK_MS.min + (QUICK_MS.max - QUICK_MS.min) * random;
}

/** Pure: milliseconds until a fresh token replaces one that was good once. The server is up: waiting has no use. */
export function renewalDelay(random: number): number {
  return SLOW_BASE_MS * random;
}
