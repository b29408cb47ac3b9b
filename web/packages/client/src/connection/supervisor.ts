import { ClientError } from '../errors';
import { Afterglow } from './afterglow';
import { failed, NO_FAILURES, renewalDelay, retryDelay, type Failures } from './backoff';
import { Session, type SessionHost } from './session';
import { Timers } from './timers';
import { judge, type Verdict } from './verdict';
import { Door } from '../signalling/door';
import type { Edges } from '../edges';
import type { Handover } from '../signalling/signalling';
import type { Access, ErrorCode } from '../types';

/** Longest wait for the application to get a token, in milliseconds. */
const TOKEN_TIMEOUT_MS = 20_000;

/** Close code of a normal end (RFC 6455 section 7.4.1). */
const NORMAL = 1000;

/** Sleep after which no server waits any more. Above the longest pause of timers in hidden tabs (one minute). */
const LONG_SLEEP_MS = 90_000;

/** Errors that say less than that the computer slept. */
const EXPLAINED_BY_SLEEP = new Set<ErrorCode>(['connection_failed', 'media_failed', 'token_failed', 'internal']);

/** What a supervisor needs of the client. */
export interface SupervisorHost extends SessionHost {
  readonly getToken: () => Promise<Access>;
  /** There will be no more sessions, unless `close` was called: then nothing is told. */
  readonly onEnd: (error: ClientError) => void;
}

/** Keeps a session alive: gets tokens, starts sessions, tries again. The only owner of retries. */
export class Supervisor {
  readonly #timers: Timers<'token' | 'pause'>;
  readonly #afterglow: Afterglow;
  readonly #door: Door;
  readonly #stopListening: () => void;
  /** The session that runs or is being started. */
  #session: Session | null = null;
  /** The session that was in the room last: what it received is shown until the next one brings its own. */
  #shown: Session | null = null;
  #access: Access | null = null;
  /** A socket on which the next session begins. */
  #handover: Handover | null = null;
  #failures: Failures = NO_FAILURES;
  /** Whether the next attempt shall not wait. */
  #eager = false;
  /** Whether the computer slept for long, and nothing has worked since. */
  #away = false;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(
    private readonly edges: Edges,
    private readonly host: SupervisorHost,
  ) {
    this.#timers = new Timers(edges);
    this.#afterglow = new Afterglow(edges);
    this.#door = new Door(edges);
    const stops = [edges.onOnline(() => this.#hurry(0)), edges.onWake((sleptMs) => this.#hurry(sleptMs))];
    this.#stopListening = () => stops.forEach((stop) => stop());
  }

  /** The session that runs now, if any; it may not be in the room yet. */
  get session(): Session | null {
    return this.#session;
  }

  /** The access that is used now. */
  get access(): Access | null {
    return this.#access;
  }

  /** Sessions in a row in which no media got through. */
  get mediaFailures(): number {
    return this.#failures.media;
  }

  /** Tries again now, whatever is being waited for. */
  retry(): void {
    this.#stopWaiting();
    this.#eager = this.#session?.retryMedia() ?? false;
  }

  /** Runs sessions until the end. */
  async run(): Promise<void> {
    for (;;) {
      const renewable = this.#access !== null;
      const verdict = await this.#attempt();
      if (this.#isClosed()) return;
      this.#session = null;
      if (verdict.then === 'end') {
        this.#finish(verdict.error);
        return;
      }
      this.host.dispatch({ type: 'connectionLost' });
      if (verdict.access === 'fresh') this.#access = null;
      this.#failures = failed(this.#failures, verdict.pace, verdict.error.code === 'media_failed');
      const delay = retryDelay(this.#failures, this.#shown !== null, this.edges.random());
      if (delay === null) {
        this.#finish(verdict.error);
        return;
      }
      // Only a token that was good once is replaced at once: a fresh one that is refused would do so forever.
      const renewal = renewable && this.#access === null;
      await this.#pause(renewal ? renewalDelay(this.edges.random()) : delay);
      if (this.#isClosed()) return;
    }
  }

  /** Leaves. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
    this.#timers.clearAll();
    this.#handover?.socket.close(NORMAL);
    this.#session?.dispose();
    this.#shown?.dispose();
    this.#afterglow.clear();
    this.#session = null;
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #finish(error: ClientError): void {
    this.close();
    const explained = EXPLAINED_BY_SLEEP.has(error.code) && this.#away;
    const message = 'the computer slept, and the call could not be taken up again';
    this.host.onEnd(explained ? new ClientError('away', message, true, { cause: error }) : error);
  }

  async #attempt(): Promise<Verdict> {
    if (this.#access === null) {
      try {
        this.#access = await this.#token();
      } catch (error) {
        return judgeToken(error);
      }
      if (this.#isClosed()) return judge({ type: 'timeout' });
    }
    const access = this.#access;
    const handover = this.#handover;
    this.#handover = null;
    return new Promise((resolve) => {
      const session = new Session(this.edges, access, this.#door, this.host, {
        onJoined: () => {
          this.#away = false;
          if (this.#shown !== null) this.#afterglow.add(this.#shown);
          this.#shown = session;
        },
        onResumed: () => {
          this.#away = false;
        },
        onHealthy: () => {
          this.#failures = NO_FAILURES;
        },
        onEnded: (end) => {
          if (end.type === 'forgotten') this.#handover = end.handover;
          resolve(judge(end));
        },
      });
      this.#session = session;
      session.start(handover);
    });
  }

  #token(): Promise<Access> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new ClientError('token_failed', 'no token in time', true));
      this.#timers.set('token', TOKEN_TIMEOUT_MS, late);
      // An application's function may also throw instead of rejecting.
      Promise.resolve()
        .then(this.host.getToken)
        .then(resolve, reject)
        .finally(() => this.#timers.clear('token'));
    });
  }

  /** Waits, unless there is no need to. */
  #pause(ms: number): Promise<void> {
    const isPointless = this.#eager || this.#handover !== null;
    this.#eager = false;
    if (isPointless) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timers.set('pause', ms, resolve);
    });
  }

  /** The network is back, or the computer woke up. */
  #hurry(sleptMs: number): void {
    const isLong = sleptMs >= LONG_SLEEP_MS;
    if (isLong) this.#away = true;
    this.#stopWaiting();
    this.#session?.hurry(isLong);
  }

  #stopWaiting(): void {
    this.#failures = NO_FAILURES;
    this.#timers.clear('pause');
    this.#wake();
  }
}

function judgeToken(error: unknown): Verdict {
  if (!(error instanceof ClientError)) {
    const cause = new ClientError('token_failed', 'the application has no token', true, { cause: error });
    return { then: 'retry', access: 'fresh', pace: 'slow', error: cause };
  }
  return error.retry ? { then: 'retry', access: 'fresh', pace: 'slow', error } : { then: 'end', error };
}
