/** How often the server is asked. Higher notices a dead socket later; lower costs a phone's battery. */
export const PING_EVERY_MS = 3_000;

/** How long it may be silent after that. Lower takes a slow network for a dead one. */
export const PATIENCE_MS = 4_000;

/** The same when there is reason for doubt. An answer that comes later is not needed: a new socket takes the place of a living one, too. */
export const DOUBT_MS = 1_000;

/** A timer that is this late says that the page stood still, not that the server is silent. */
const LATE_MS = 1_000;

/** Whether a socket is alive. Browsers show no WebSocket pings, and TCP may take minutes to notice. */
export interface Heartbeat {
  /** When to look again: to ask, or to judge. */
  readonly due: number;
  /** Whether the server was asked and has said nothing since. */
  readonly asked: boolean;
  readonly pingedAt: number;
}

/** What follows from a look. */
export type Beat = 'ping' | 'dead' | null;

/** Pure: the socket works. */
export function started(now: number): Heartbeat {
  return { due: now + PING_EVERY_MS, asked: false, pingedAt: now };
}

/** Pure: something arrived, whatever it was. */
export function heard(heartbeat: Heartbeat): Heartbeat {
  return heartbeat.asked ? { ...heartbeat, asked: false, due: heartbeat.pingedAt + PING_EVERY_MS } : heartbeat;
}

/** Pure: the socket may be dead: asks at once. */
export function doubt(heartbeat: Heartbeat, now: number): Heartbeat {
  const due = now + DOUBT_MS;
  return { asked: true, pingedAt: now, due: heartbeat.asked ? Math.min(heartbeat.due, due) : due };
}

/** Pure: a look at the time. */
export function look(heartbeat: Heartbeat, now: number): readonly [Heartbeat, Beat] {
  if (now < heartbeat.due) return [heartbeat, null];
  if (!heartbeat.asked) return [{ asked: true, pingedAt: now, due: now + PATIENCE_MS }, 'ping'];
  if (now - heartbeat.due >= LATE_MS) return [{ asked: true, pingedAt: now, due: now + DOUBT_MS }, 'ping'];
  return [heartbeat, 'dead'];
}
