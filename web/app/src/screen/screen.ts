import { Store } from '../ui/store';
import { capture, pictureConstraints, type Capture, type CaptureProblem, type Hint, type ScreenEdges } from './capture';

export interface ScreenState {
  /** Whether this browser can share at all. */
  readonly supported: boolean;
  /** The browser's question is open. */
  readonly asking: boolean;
  readonly capture: Capture | null;
}

export interface ScreenOptions {
  readonly edges: ScreenEdges;
  readonly onProblem: (problem: CaptureProblem) => void;
}

/** The screen of this person: captured or not. Whether and how it is sent is the call's affair. */
export class Screen {
  private readonly store: Store<ScreenState>;
  /** Counts questions, so that the answer to an abandoned one is recognised. */
  private question = 0;

  constructor(private readonly options: ScreenOptions) {
    const supported = options.edges.getDisplayMedia !== null;
    this.store = new Store<ScreenState>({ supported, asking: false, capture: null });
  }

  get get() {
    return this.store.get;
  }

  get subscribe() {
    return this.store.subscribe;
  }

  /** Asks what to share. Has to be called while a click is handled; does nothing while it asks or shares. */
  async start(): Promise<void> {
    const { asking, capture: running } = this.get();
    if (asking || running) return;
    const question = (this.question += 1);
    this.change({ asking: true });
    const result = await capture(this.options.edges);
    const captured = typeof result === 'string' ? null : result;
    if (question !== this.question) {
      stopTracks(captured);
      return;
    }
    if (captured) this.accept(captured);
    else this.change({ asking: false });
    if (typeof result === 'string') this.options.onProblem(result);
  }

  /** Stops, also while the question is open. */
  stop(): void {
    this.question += 1;
    stopTracks(this.get().capture);
    this.change({ asking: false, capture: null });
  }

  /** Stops when there is something to stop, else asks. As `start`, only while a click or a key is handled. */
  toggle(): void {
    if (this.get().capture) this.stop();
    else void this.start();
  }

  /** Changes what matters in the picture. */
  setHint(hint: Hint): void {
    const { capture: before } = this.get();
    if (!before || before.hint === hint) return;
    applyHint(before.video, hint);
    this.change({ capture: { ...before, hint } });
  }

  private accept(captured: Capture): void {
    const { video, audio } = captured;
    applyHint(video, captured.hint);
    // Ended from the browser's own bar, or because the window was closed.
    video.addEventListener('ended', () => {
      if (this.get().capture?.video === video) this.stop();
    });
    audio?.addEventListener('ended', () => {
      const { capture: now } = this.get();
      if (now?.audio === audio) this.change({ capture: { ...now, audio: null } });
    });
    this.change({ asking: false, capture: captured });
  }

  private change(changes: Partial<ScreenState>): void {
    const before = this.get();
    const next = { ...before, ...changes };
    if (next.asking !== before.asking || next.capture !== before.capture) this.store.set(next);
  }
}

function applyHint(video: MediaStreamTrack, hint: Hint): void {
  video.contentHint = hint;
  // Only saves work: the encoder has the same limit, so a source that cannot change is no fault.
  video.applyConstraints(pictureConstraints(hint)).catch(() => undefined);
}

function stopTracks(captured: Capture | null): void {
  captured?.video.stop();
  captured?.audio?.stop();
}
