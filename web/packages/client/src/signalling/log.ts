import type { ClientEvent } from '../wire/events';

/**
 * The media events of one session as both sides count them: from 1 on, in the order of the socket. What the server has
 * not confirmed is kept, because a socket that dies takes along what was on its way.
 */
export class EventLog {
  /** Said, and not confirmed. */
  readonly #pending: ClientEvent[] = [];
  #confirmed = 0;
  #received = 0;

  /** Events of the server that have arrived. */
  get received(): number {
    return this.#received;
  }

  /** What the server may not have, in order. */
  get pending(): readonly ClientEvent[] {
    return this.#pending;
  }

  said(event: ClientEvent): void {
    this.#pending.push(event);
  }

  heard(): void {
    this.#received++;
  }

  /**
   * The server has this many events. One that it already confirmed changes nothing.
   *
   * @returns whether that can be: it is neither less than what is gone here nor more than was ever said
   */
  confirm(received: number): boolean {
    const fresh = received - this.#confirmed;
    if (fresh < 0 || fresh > this.#pending.length) return false;
    this.#pending.splice(0, fresh);
    this.#confirmed = received;
    return true;
  }
}
