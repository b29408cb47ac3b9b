import { INITIAL, reduce, type State } from './reduce';
import type { Action } from './actions';
import type { Snapshot } from '../types';

/** Owns the state; tells listeners after each change. */
export class Store {
  #state: State = INITIAL;
  readonly #listeners = new Set<() => void>();

  /** @param onObserved - called when the first listener comes and when the last one goes */
  constructor(private readonly onObserved: (observed: boolean) => void = () => undefined) {}

  get snapshot(): Snapshot {
    return this.#state.snapshot;
  }

  readonly dispatch = (action: Action): void => {
    const before = this.#state;
    this.#state = reduce(before, action);
    if (this.#state.snapshot === before.snapshot) return;
    for (const listener of [...this.#listeners]) listener();
  };

  subscribe(listener: () => void): () => void {
    // A wrapper makes each subscription its own, also when one function subscribes twice.
    const own = () => listener();
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.onObserved(true);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.onObserved(false);
    };
  }
}
