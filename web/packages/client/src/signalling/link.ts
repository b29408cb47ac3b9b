import { judge, type SessionEnd } from '../connection/verdict';
import { quickDelay } from '../connection/backoff';
import { doubt, heard, look, started, type Heartbeat } from './heartbeat';
import { EventLog } from './log';
import type { ClientEvent, ClientMessage, Resumption, ServerEvent, ServerMessage } from '../wire/events';

/** How long a loss is nobody's business. */
export const LATE_AFTER_MS = 2_000;

/** Longest time from opening a new socket to its acceptance. Lower fails on slow networks; higher waits for dead ones. */
export const ATTEMPT_MS = 5_000;

/** An attempt of this age is not replaced by another one only because the network changed again. */
const YOUNG_MS = 1_000;

/** Events of the server after which it is told that they have arrived: it keeps only so many (`docs/protocol.md`). */
export const TELL_EVERY = 256;

/** Close code of a socket that ended without the other side's word (RFC 6455 section 7.1.5). */
export const ABNORMAL = 1006;

/** What the one who owns the sockets has to do, in order. */
export type Effect =
  /** Open a socket. The one before is not listened to any more, and stays open: its close frame would end the session. */
  | { readonly do: 'open' }
  | { readonly do: 'transmit'; readonly message: ClientMessage }
  /** Close the sockets before the current one. */
  | { readonly do: 'tidy' }
  /** The server accepted the token: a session begins, with `connect`. One that can resume speaks all of our additions. */
  | { readonly do: 'begin'; readonly isOurs: boolean }
  | { readonly do: 'deliver'; readonly event: ServerEvent }
  /** The socket is lost and being replaced. */
  | { readonly do: 'lost' }
  /** It has been for longer than nobody notices. */
  | { readonly do: 'late' }
  /** All is well again, and nothing was missed. */
  | { readonly do: 'healed' }
  /** The server no longer knows the session; the current socket may begin another one. */
  | { readonly do: 'forgotten'; readonly resumption: Resumption }
  | { readonly do: 'end'; readonly end: SessionEnd };

type State =
  | { readonly name: 'opening' }
  | { readonly name: 'open'; readonly heartbeat: Heartbeat | null }
  | {
      readonly name: 'healing';
      readonly since: number;
      readonly late: boolean;
      readonly attempts: number;
      /** Until when the next socket is waited for, or the one that is being opened. */
      readonly due: number;
      readonly trying: boolean;
    }
  | { readonly name: 'ended' };

/**
 * One session's conversation with the server, whatever socket carries it:
 *
 * ```text
 *   opening ──authenticated──▶ open ──socket dead, session resumable──▶ healing ──resumed──▶ open
 *      │                        │                                          │ a new socket every second
 *      └── closed ──────────────┴── closed with a word of the server ──────┴── refused, forgotten, too late ──▶ ended
 * ```
 *
 * No IO: what happens goes in with its time, what is to be done comes out.
 */
export class Link {
  readonly #log = new EventLog();
  /** Events of the server since it was last told how many have arrived. */
  #untold = 0;
  #state: State = { name: 'opening' };
  #resumption: Resumption | null = null;

  constructor(
    private readonly token: string,
    private readonly random: () => number,
  ) {}

  /** A session begins on a socket that has been authenticated for it. */
  adopt(resumption: Resumption | null, now: number): readonly Effect[] {
    this.#resumption = resumption;
    this.#state = { name: 'open', heartbeat: resumption && started(now) };
    return [{ do: 'begin', isOurs: resumption !== null }];
  }

  /** The current socket is open. */
  opened(): readonly Effect[] {
    const resume = { session: this.#resumption?.session ?? '', received: this.#log.received };
    return [transmit({ type: 'authRequest', token: this.token, resume })];
  }

  /** Says something now, or as soon as there is a socket. */
  say(event: ClientEvent): readonly Effect[] {
    if (this.#state.name === 'ended') return [];
    if (this.#resumption !== null) this.#log.said(event);
    return this.#state.name === 'open' ? [transmit({ type: 'media', event })] : [];
  }

  /** The current socket brought a message. */
  received(message: ServerMessage, now: number): readonly Effect[] {
    if (this.#state.name === 'open' && this.#state.heartbeat !== null) {
      this.#state = { name: 'open', heartbeat: heard(this.#state.heartbeat) };
    }
    switch (message.type) {
      case 'authenticated':
        return this.#authenticated(message.resumption, now);
      case 'media':
        return [
          ...this.#counted(),
          ...(message.event === null ? [] : [{ do: 'deliver', event: message.event } as const]),
        ];
      case 'pong':
        return this.#log.confirm(message.received) ? [] : this.#end(DISAGREE);
      case 'removed':
        return this.#end({ type: 'removed', reason: message.reason });
    }
  }

  /** The current socket is closed. */
  closed(code: number, reason: string, now: number): readonly Effect[] {
    const end: SessionEnd = { type: 'closed', code, reason };
    switch (this.#state.name) {
      case 'ended':
        return [];
      case 'opening':
        return this.#end(end);
      case 'open':
        return code === ABNORMAL && this.#resumption !== null ? this.#heal(now) : this.#end(end);
      case 'healing': {
        const verdict = judge(end);
        const isHopeless = verdict.then === 'end' || verdict.access === 'fresh';
        return isHopeless ? this.#end(end) : this.#wait(this.#state, now);
      }
    }
  }

  /** The network changed, or the computer woke up: the socket may be dead, or a new one may work now. */
  doubt(now: number): readonly Effect[] {
    const state = this.#state;
    if (state.name === 'open' && state.heartbeat !== null) {
      this.#state = { name: 'open', heartbeat: doubt(state.heartbeat, now) };
      return [this.#ping()];
    }
    const isYoung = state.name === 'healing' && state.trying && now < state.due - ATTEMPT_MS + YOUNG_MS;
    return state.name === 'healing' && !isYoung ? this.#try(state, now) : [];
  }

  /** The socket is certainly dead. */
  dead(now: number): readonly Effect[] {
    const isHealable = this.#state.name === 'open' && this.#resumption !== null;
    return isHealable ? this.#heal(now) : this.doubt(now);
  }

  /** Time has passed. */
  time(now: number): readonly Effect[] {
    const state = this.#state;
    if (state.name === 'open' && state.heartbeat !== null) return this.#beat(state.heartbeat, now);
    if (state.name !== 'healing') return [];
    if (now >= state.since + (this.#resumption?.keptMs ?? 0)) {
      return this.#end({ type: 'closed', code: ABNORMAL, reason: 'not resumed in time' });
    }
    const effects: Effect[] = [];
    if (!state.late && now >= state.since + LATE_AFTER_MS) {
      this.#state = { ...state, late: true };
      effects.push({ do: 'late' });
    }
    if (now < state.due) return effects;
    const next = { ...state, late: this.#state.name === 'healing' && this.#state.late };
    return [...effects, ...(state.trying ? this.#wait(next, now) : this.#try(next, now))];
  }

  /** When `time` has to be called next; null for never. */
  get deadline(): number | null {
    const state = this.#state;
    if (state.name === 'open') return state.heartbeat?.due ?? null;
    if (state.name !== 'healing') return null;
    const end = state.since + (this.#resumption?.keptMs ?? 0);
    return Math.min(state.due, end, state.late ? Infinity : state.since + LATE_AFTER_MS);
  }

  #authenticated(resumption: Resumption | null, now: number): readonly Effect[] {
    switch (this.#state.name) {
      case 'opening':
        return this.adopt(resumption, now);
      case 'healing':
        // A server that no longer speaks of it was replaced by one that cannot do it.
        if (resumption === null) return this.#end({ type: 'closed', code: ABNORMAL, reason: 'cannot be resumed' });
        return resumption.resumed ? this.#healed(resumption, now) : this.#forgotten(resumption);
      case 'open':
      case 'ended':
        return [];
    }
  }

  #healed(resumption: Resumption, now: number): readonly Effect[] {
    if (!this.#log.confirm(resumption.received)) return this.#end(DISAGREE);
    this.#resumption = resumption;
    this.#state = { name: 'open', heartbeat: started(now) };
    const missed = this.#log.pending.map((event) => transmit({ type: 'media', event }));
    return [{ do: 'tidy' }, ...missed, { do: 'healed' }];
  }

  #forgotten(resumption: Resumption): readonly Effect[] {
    this.#state = { name: 'ended' };
    return [{ do: 'tidy' }, { do: 'forgotten', resumption }];
  }

  #beat(heartbeat: Heartbeat, now: number): readonly Effect[] {
    const [next, beat] = look(heartbeat, now);
    this.#state = { name: 'open', heartbeat: next };
    if (beat === 'dead') return this.#heal(now);
    return beat === 'ping' ? [this.#ping()] : [];
  }

  #heal(now: number): readonly Effect[] {
    const due = now + quickDelay(0, this.random());
    this.#state = { name: 'healing', since: now, late: false, attempts: 0, due, trying: false };
    return [{ do: 'lost' }];
  }

  #wait(state: State & { readonly name: 'healing' }, now: number): readonly Effect[] {
    this.#state = { ...state, trying: false, due: now + quickDelay(state.attempts, this.random()) };
    return [];
  }

  #try(state: State & { readonly name: 'healing' }, now: number): readonly Effect[] {
    this.#state = { ...state, trying: true, attempts: state.attempts + 1, due: now + ATTEMPT_MS };
    return [{ do: 'open' }];
  }

  /** One more event has arrived: the server keeps it until it is told so. */
  #counted(): readonly Effect[] {
    this.#log.heard();
    this.#untold++;
    return this.#resumption !== null && this.#untold >= TELL_EVERY ? [this.#ping()] : [];
  }

  #ping(): Effect {
    this.#untold = 0;
    return transmit({ type: 'ping', received: this.#log.received });
  }

  #end(end: SessionEnd): readonly Effect[] {
    this.#state = { name: 'ended' };
    return [{ do: 'end', end }];
  }
}

/** Both sides count differently: what was lost cannot be told. */
const DISAGREE: SessionEnd = { type: 'error', message: 'the server counts events that were never said' };

function transmit(message: ClientMessage): Effect {
  return { do: 'transmit', message };
}
