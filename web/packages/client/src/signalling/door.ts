import type { Edges } from '../edges';

/** A socket is tried all the same once in so many attempts: what keeps a request away need not keep sockets away. */
const BLIND_EVERY = 10;

/**
 * The server's address. While nobody answers there, requests find out when somebody does: browsers hold sockets back for
 * seconds after a dozen that failed (Chromium), which would be added to the time that the server is away.
 */
export class Door {
  /** Attempts in a row that nobody answered. */
  #unanswered = 0;

  constructor(private readonly edges: Pick<Edges, 'knock'>) {}

  /** Somebody is there. */
  answered(): void {
    this.#unanswered = 0;
  }

  /** A socket came to nothing. */
  unanswered(): void {
    this.#unanswered += 1;
  }

  /** Whether somebody answers now; null when a socket may find out by itself. */
  knock(socketUrl: string): Promise<boolean> | null {
    if (this.edges.knock === null || this.#unanswered % BLIND_EVERY === 0) return null;
    return this.edges.knock(socketUrl.replace(/^ws/, 'http')).then((answer) => {
      if (!answer) this.unanswered();
      return answer;
    });
  }
}
