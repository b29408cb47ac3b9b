import type { Failure } from '../errors/failure';
import type { Person } from './people';

/** Where this person stands. The names are part of the page's contract (`data-call-state`). */
export type CallPhase =
  | { readonly phase: 'prejoin' }
  | { readonly phase: 'joining' }
  | { readonly phase: 'joined'; readonly since: number }
  | {
      /** The call does not work, and is being repaired. */
      readonly phase: 'reconnecting';
      readonly since: number;
      /** The server answers, but sound and picture find no way: worth an explanation. */
      readonly blocked: boolean;
    }
  | { readonly phase: 'left' }
  | { readonly phase: 'failed'; readonly failure: Failure };

export type CallState = CallPhase & {
  /** Everybody shown, this person included, in order; empty outside the call. */
  readonly people: readonly Person[];
};
