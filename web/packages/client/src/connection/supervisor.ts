import { ClientError } from '../errors';
import { Afterglow } from './afterglow';
import { failed, NO_FAILURES, renewalDelay, retryDelay, type Failures } from './backoff';
import { Session, type SessionHost } from './session';
import { Timers } from './timers';
import { judge, type Verdict } from './verdict';
import type { Edges } from '../edges';
import type { Access } from '../types';

/** Longest wait for the application to get a token, in milliseconds. */
const TOKEN_TIMEOUT_MS = 20_000;

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
  readonly #stopListening: () => void;
  /** The session that runs or is being started. */
  #session: Session | null = null;
  /** The session that was in the room last: what it received is shown until the next one brings its own. */
  #shown: Session | null = null;
  #access: Access | null = null;
  #failures: Failures = NO_FAILURES;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(
    private readonly edges: Edges,
    private readonly host: SupervisorHost,
  ) {
    this.#timers = new Timers(edges);
    this.#afterglow = new Afterglow(edges);
    this.#stopListening = edges.onOnline(() => this.#networkIsBack());
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
    this.#session?.retryMedia();
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
      this.#failures = failed(this.#failures, verdict.error.code);
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
    this.host.onEnd(error);
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
    return new Promise((resolve) => {
      const session = new Session(this.edges, this.host, {
        onJoined: () => {
          if (this.#shown !== null) this.#afterglow.add(this.#shown);
          this.#shown = session;
        },
        onHealthy: () => {
          this.#failures = NO_FAILURES;
        },
        onEnded: (end) => resolve(judge(end)),
      });
      this.#session = session;
      session.start(access);
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

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timers.set('pause', ms, resolve);
    });
  }

  #networkIsBack(): void {
    this.#stopWaiting();
    this.#session?.hurry();
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
    return { then: 'retry', access: 'fresh', error: cause };
  }
  return error.retry ? { then: 'retry', access: 'fresh', error } : { then: 'end', error };
}
