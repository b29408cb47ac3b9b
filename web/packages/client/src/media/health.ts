import type { MediaState } from './types';

/** How long media may take to come up before it counts as blocked. Higher is a spinner; lower accuses slow networks. */
export const BLOCKED_AFTER_MS = 8_000;

/** How long an interruption may heal by itself. Higher is felt; lower restarts at every bump of a radio. */
export const RESTART_AFTER_MS = 2_000;

/** How long an ICE restart may take before the session is given up. Lower breaks slow networks; higher is felt. */
export const GIVE_UP_AFTER_MS = 8_000;

/** How long after a change of the network an interruption counts as its consequence, for which waiting has no use. */
const HURRY_MS = 5_000;

/** How long nothing may be heard on a transport that claims to be up. Above the longest pause of consent checks (RFC 7675). */
export const SILENCE_MS = 7_000;

/** Where the media of one session stands. */
export type Health =
  /** The session is not in the room. */
  | { readonly phase: 'joining' }
  /** Nothing is wanted. */
  | { readonly phase: 'idle' }
  /** It has never been up. */
  | { readonly phase: 'connecting'; readonly since: number; readonly blocked: boolean }
  | {
      readonly phase: 'up';
      readonly heardAt: number;
      readonly silent: boolean;
      /** When the network changed last. */
      readonly changedAt: number;
      /** Whether the server can be asked. */
      readonly signalling: boolean;
    }
  /** It was up and is not. */
  | {
      readonly phase: 'down';
      readonly since: number;
      /** When the last ICE restart was asked for. */
      readonly restartedAt: number | null;
      /** Whether the server can be asked. */
      readonly signalling: boolean;
    };

/** What the health of media depends on. */
export type Sign =
  /** The session is in the room, where there is something to send or receive, or not. */
  | { readonly type: 'joined'; readonly wanted: boolean }
  | { readonly type: 'transport'; readonly state: RTCPeerConnectionState }
  /** Something of the server arrived through the transport. */
  | { readonly type: 'heard' }
  | { readonly type: 'signalling'; readonly up: boolean }
  /** The network changed, the computer woke up, or a person asks. */
  | { readonly type: 'hurry' }
  /** Time has passed. */
  | { readonly type: 'time' };

/** What is to be done. */
export type Remedy = 'restart' | 'giveUp' | null;

/** The next state, and what is to be done. */
export interface Step {
  readonly health: Health;
  readonly remedy: Remedy;
}

/** A session begins. */
export const JOINING: Health = { phase: 'joining' };

/** Pure: what follows from a sign. */
export function observe(health: Health, sign: Sign, now: number): Step {
  if (sign.type === 'transport') return transport(health, sign.state, now);
  switch (health.phase) {
    case 'joining':
    case 'idle':
      if (sign.type !== 'joined') return stay(health);
      return stay(sign.wanted ? connecting(now) : { phase: 'idle' });
    case 'connecting': {
      const blocked = now - health.since >= BLOCKED_AFTER_MS;
      return stay(blocked === health.blocked ? health : { ...health, blocked });
    }
    case 'up':
      return up(health, sign, now);
    case 'down':
      return down(health, sign, now);
  }
}

/** Pure: when `time` has to be observed next; null for never. */
export function deadline(health: Health): number | null {
  switch (health.phase) {
    case 'joining':
    case 'idle':
      return null;
    case 'connecting':
      return health.blocked ? null : health.since + BLOCKED_AFTER_MS;
    case 'up':
      return health.silent ? null : health.heardAt + SILENCE_MS;
    case 'down':
      if (health.restartedAt === null) return health.since + RESTART_AFTER_MS;
      return health.signalling ? health.restartedAt + GIVE_UP_AFTER_MS : null;
  }
}

/**
 * Pure: what to show.
 *
 * @param before - what was shown when the session began
 * @param expected - whether somebody sends something that should arrive
 */
export function shown(health: Health, before: MediaState, expected: boolean): MediaState {
  switch (health.phase) {
    case 'joining':
      return before;
    case 'idle':
      return 'none';
    case 'connecting':
      if (health.blocked) return 'blocked';
      return before === 'blocked' || before === 'interrupted' ? before : 'connecting';
    case 'up':
      return health.silent && expected ? 'interrupted' : 'flowing';
    case 'down':
      return 'interrupted';
  }
}

function transport(health: Health, state: RTCPeerConnectionState, now: number): Step {
  switch (state) {
    case 'connected':
      if (health.phase === 'up') return stay(health);
      return stay({ phase: 'up', heardAt: now, silent: false, changedAt: -Infinity, signalling: signalling(health) });
    case 'failed':
      // What has never come up will not by asking the same server for the same again.
      if (health.phase === 'connecting') return { health, remedy: 'giveUp' };
      return interrupted(health, now, true);
    case 'disconnected':
      return interrupted(health, now, false);
    case 'new':
    case 'connecting':
      return stay(health.phase === 'idle' ? connecting(now) : health);
    case 'closed':
      return stay(health);
  }
}

function interrupted(health: Health, now: number, hopeless: boolean): Step {
  switch (health.phase) {
    case 'up': {
      const atOnce = hopeless || now - health.changedAt < HURRY_MS;
      const next: Health = { phase: 'down', since: now, restartedAt: null, signalling: health.signalling };
      return atOnce ? restart(next, now) : stay(next);
    }
    case 'down':
      return hopeless && health.restartedAt === null ? restart(health, now) : stay(health);
    case 'joining':
    case 'idle':
    case 'connecting':
      return stay(health);
  }
}

function up(health: Health & { readonly phase: 'up' }, sign: Sign, now: number): Step {
  switch (sign.type) {
    case 'heard':
      return stay({ ...health, heardAt: now, silent: false });
    case 'hurry':
      return stay({ ...health, changedAt: now });
    case 'signalling': {
      // What the new network took from the socket it has taken from media too, which would notice it much later.
      const moved = sign.up && now - health.changedAt < HURRY_MS;
      const next: Health = { ...health, signalling: sign.up, changedAt: moved ? -Infinity : health.changedAt };
      return { health: next, remedy: moved ? 'restart' : null };
    }
    default:
      return stay(now - health.heardAt >= SILENCE_MS && !health.silent ? { ...health, silent: true } : health);
  }
}

function down(health: Health & { readonly phase: 'down' }, sign: Sign, now: number): Step {
  switch (sign.type) {
    case 'hurry':
      return restart(health, now);
    case 'signalling': {
      // What was asked for meanwhile starts only now.
      const restartedAt = sign.up && health.restartedAt !== null ? now : health.restartedAt;
      return stay({ ...health, signalling: sign.up, restartedAt });
    }
    case 'time': {
      const due = deadline(health);
      if (due === null || now < due) return stay(health);
      return health.restartedAt === null ? restart(health, now) : { health, remedy: 'giveUp' };
    }
    default:
      return stay(health);
  }
}

function restart(health: Health & { readonly phase: 'down' }, now: number): Step {
  return { health: { ...health, restartedAt: now }, remedy: 'restart' };
}

function connecting(since: number): Health {
  return { phase: 'connecting', since, blocked: false };
}

function signalling(health: Health): boolean {
  return health.phase === 'down' ? health.signalling : true;
}

function stay(health: Health): Step {
  return { health, remedy: null };
}
