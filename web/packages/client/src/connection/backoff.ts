import type { ErrorCode } from '../types';

/** First delay before another attempt, in milliseconds. Lower hammers a server that restarts; higher is felt. */
const BASE_MS = 500;

/** Longest delay. Higher leaves people waiting after the server is back; lower costs a dead server's neighbours. */
const CAP_MS = 4_000;

/**
 * Attempts in a row, by what is at stake. Attempts are counted, not time: a computer that slept shall not wake up to
 * a call that was given up meanwhile.
 */
const ATTEMPTS = {
  /** About 15 seconds: a person waits to get in. */
  joining: 7,
  /** About two minutes: enough for a server to restart or a train to leave its tunnel. */
  joined: 32,
  /** Signalling works and media never does: each attempt takes long by itself. */
  media: 4,
};

/** What failed since all was well. */
export interface Failures {
  readonly all: number;
  /** Those in which no media got through. */
  readonly media: number;
}

/** All is well. */
export const NO_FAILURES: Failures = { all: 0, media: 0 };

/** Pure: one more failure. */
export function failed({ all, media }: Failures, code: ErrorCode): Failures {
  return { all: all + 1, media: code === 'media_failed' ? media + 1 : media };
}

/**
 * Pure: milliseconds until the next attempt; null to give up.
 *
 * @param joined - whether this client has been in the room
 * @param random - in [0, 1): half to one and a half of the nominal delay, so that a room does not come back as one
 */
export function retryDelay({ all, media }: Failures, joined: boolean, random: number): number | null {
  if (media >= ATTEMPTS.media || all >= (joined ? ATTEMPTS.joined : ATTEMPTS.joining)) return null;
  return Math.min(CAP_MS, BASE_MS * 2 ** (all - 1)) * (0.5 + random);
}

/** Pure: milliseconds until a fresh token replaces one that was good once. The server is up: waiting has no use. */
export function renewalDelay(random: number): number {
  return BASE_MS * random;
}
