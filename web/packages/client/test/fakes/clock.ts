import type { Timer } from '../../src';

interface Scheduled {
  readonly at: number;
  readonly callback: () => void;
}

/** Lets everything that waits for nothing but promises happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A clock that stands still until it is told to advance. */
export class FakeClock {
  #now = 1_000;
  #nextId = 1;
  readonly #scheduled = new Map<number, Scheduled>();

  readonly now = () => this.#now;

  readonly setTimeout = (callback: () => void, ms: number): Timer => {
    const id = this.#nextId++;
    this.#scheduled.set(id, { at: this.#now + ms, callback });
    return id;
  };

  readonly clearTimeout = (timer: Timer): void => {
    this.#scheduled.delete(timer);
  };

  /** Timers that have not fired. */
  get pending(): number {
    return this.#scheduled.size;
  }

  /** Lets the next timer fire. */
  async step(): Promise<void> {
    await settle();
    const next = Math.min(...[...this.#scheduled.values()].map(({ at }) => at));
    if (next === Infinity) throw new Error('nothing is waited for');
    await this.advance(next - this.#now);
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#scheduled].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) break;
      const [id, { at, callback }] = next;
      this.#scheduled.delete(id);
      this.#now = at;
      callback();
      await settle();
    }
    this.#now = end;
  }
}
