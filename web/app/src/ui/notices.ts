import { Store } from './store';

/** A short text over the page that goes away by itself, with at most one thing to do about it. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

/** Long enough to read twice; with something to do, long enough to do it. */
const LIFE_MS = { plain: 6_000, action: 15_000 };
/** More would cover faces. */
const MOST = 3;

export class Notices {
  private readonly store = new Store<readonly Notice[]>([]);
  private next = 1;

  get get() {
    return this.store.get;
  }

  get subscribe() {
    return this.store.subscribe;
  }

  add(text: string, action: Notice['action'] = null): void {
    const id = this.next;
    this.next += 1;
    const others = this.store.get().filter((notice) => notice.text !== text);
    this.store.set([...others, { id, text, action }].slice(-MOST));
    setTimeout(() => this.dismiss(id), action ? LIFE_MS.action : LIFE_MS.plain);
  }

  dismiss(id: number): void {
    const rest = this.store.get().filter((notice) => notice.id !== id);
    if (rest.length !== this.store.get().length) this.store.set(rest);
  }
}
