import type { Edges, Timer } from '../edges';

/** How long the next session has to bring its own pictures. Higher keeps dead connections; lower shows black. */
const AFTERGLOW_MS = 3_000;

/** Sessions that were replaced: browsers show their last pictures as long as their connections are open. */
export class Afterglow {
  readonly #timers = new Map<Disposable, Timer>();

  constructor(private readonly edges: Edges) {}

  add(session: Disposable): void {
    const fade = () => {
      this.#timers.delete(session);
      session.dispose();
    };
    this.#timers.set(session, this.edges.setTimeout(fade, AFTERGLOW_MS));
  }

  /** Ends all of them. */
  clear(): void {
    for (const [session, timer] of this.#timers) {
      this.edges.clearTimeout(timer);
      session.dispose();
    }
    this.#timers.clear();
  }
}

interface Disposable {
  dispose(): void;
}
