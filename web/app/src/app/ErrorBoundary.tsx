import { Component, type ReactNode } from 'react';
import { Failed } from '../features/ended/Failed';
import { toFailure, type Failure } from '../errors/failure';
import { absolute } from './base';
import { Root } from './Root';

interface ErrorBoundaryState {
  readonly failure: Failure | null;
}

/** When drawing the page fails (a file is gone after an update, a mistake of ours): a screen with a way on. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { failure: null };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    const failure = toFailure(error, Date.now());
    return { failure: { ...failure, code: 'internal' } };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (!failure) return this.props.children;
    return (
      <Root state="failed" errorCode={failure.code}>
        <Failed
          failure={failure}
          room={null}
          onCure={(cure) => {
            // Only a fresh page is sure to be whole again.
            if (cure === 'home') window.location.assign(absolute(''));
            else window.location.reload();
          }}
        />
      </Root>
    );
  }
}
