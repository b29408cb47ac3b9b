import type { ReactNode } from 'react';
import { useAppliedTheme } from './theme';

/** Values of `data-call-state`, part of the page's contract. */
export type CallStateName = 'home' | 'prejoin' | 'joining' | 'joined' | 'reconnecting' | 'left' | 'failed';

interface RootProps {
  readonly state: CallStateName;
  readonly errorCode?: string | null;
  readonly children: ReactNode;
}

/** The root of every screen; carries the state for tests, styles and embedding. */
export function Root({ state, errorCode = null, children }: RootProps) {
  useAppliedTheme(state === 'joined' || state === 'reconnecting');
  return (
    <div className="h-full" data-call-state={state} data-error-code={errorCode ?? undefined}>
      {children}
    </div>
  );
}
