/**
 * Where a negotiation stands, as far as local changes care.
 *
 * - `idle`: nothing is under way.
 * - `requested`: the server was asked for a cycle and has not started it.
 * - `offered`: an offer is out and has all local changes; its answer is awaited.
 * - `outdated`: an offer is out, but something changed after it was made.
 */
export type Phase = 'idle' | 'requested' | 'offered' | 'outdated';

/** The next phase, and whether the server must now be asked for a cycle. */
export interface Step {
  readonly phase: Phase;
  readonly request: boolean;
}

/** A local track came or went. What comes while a cycle runs waits for its end. */
export function localChange(phase: Phase): Step {
  switch (phase) {
    case 'idle':
      return { phase: 'requested', request: true };
    case 'requested':
      return { phase, request: false };
    case 'offered':
    case 'outdated':
      return { phase: 'outdated', request: false };
  }
}

/** The answer was applied. */
export function answered(phase: Phase): Step {
  return phase === 'outdated' ? { phase: 'requested', request: true } : { phase: 'idle', request: false };
}
