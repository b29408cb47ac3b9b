import type { Edges, Timer } from '../edges';

/** Timers by name: setting one again replaces it. */
export class Timers<Name extends string> {
  readonly #timers = new Map<Name, Timer>();

  constructor(private readonly edges: Edges) {}

  set(name: Name, ms: number, callback: () => void): void {
    this.clear(name);
    const fire = () => {
      this.#timers.delete(name);
      callback();
    };
    this.#timers.set(name, this.edges.setTimeout(fire, ms));
  }

  has(name: Name): boolean {
    return this.#timers.has(name);
  }

  clear(name: Name): void {
    const timer = this.#timers.get(name);
    if (timer !== undefined) this.edges.clearTimeout(timer);
    this.#timers.delete(name);
  }

  clearAll(): void {
    for (const name of [...this.#timers.keys()]) this.clear(name);
  }
}
