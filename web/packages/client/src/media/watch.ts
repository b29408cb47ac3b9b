import { Timers } from '../connection/timers';
import { evidenceOf, type Evidence } from './evidence';
import { deadline, JOINING, observe, shown, type Health, type Sign } from './health';
import { Silences } from './silence';
import type { Edges } from '../edges';
import type { RemotePeer } from '../types';
import type { MediaState } from './types';

/** How often statistics are read. Higher notices silence later; lower costs the main thread in large rooms. */
const SAMPLE_MS = 2_000;

/** What the watch over the media of a session needs and tells. */
export interface WatchHost {
  /** What is shown now. */
  readonly shown: () => MediaState;
  /** Whether somebody sends something that should arrive. */
  readonly expected: () => boolean;
  readonly onState: (state: MediaState) => void;
  /** What was seen while media did not flow. */
  readonly onEvidence: (evidence: Evidence) => void;
  /** Sounds that bring nothing although they should, while other media flows. */
  readonly onSilent: (trackIds: ReadonlySet<string>) => void;
  readonly peers: () => readonly RemotePeer[];
  readonly onRestart: () => void;
  readonly onGiveUp: () => void;
}

/** Watches the media of one session: feeds signs to its health and does what follows. */
export class MediaWatch {
  readonly #timers: Timers<'deadline' | 'sample'>;
  readonly #before: MediaState;
  readonly #silences = new Silences();
  #health: Health = JOINING;
  #connection: RTCPeerConnection | null = null;
  /** What was heard at the last look. */
  #heard: number | null = null;
  #stopped = false;

  constructor(
    private readonly edges: Edges,
    private readonly host: WatchHost,
  ) {
    this.#timers = new Timers(edges);
    this.#before = host.shown();
  }

  /** Whether the transport has been up in this session. */
  get wasUp(): boolean {
    return this.#health.phase === 'up' || this.#health.phase === 'down';
  }

  observe(sign: Sign): void {
    if (this.#stopped) return;
    const { health, remedy } = observe(this.#health, sign, this.edges.now());
    this.#health = health;
    this.#schedule();
    this.host.onState(shown(health, this.#before, this.host.expected()));
    if (remedy === 'restart') this.host.onRestart();
    if (remedy === 'giveUp') this.host.onGiveUp();
  }

  /** Follows a connection from its making on. */
  follow(connection: RTCPeerConnection): void {
    if (this.#connection !== connection) {
      this.#connection = connection;
      this.#sampleLater();
    }
    this.observe({ type: 'transport', state: connection.connectionState });
  }

  stop(): void {
    this.#stopped = true;
    this.#timers.clearAll();
  }

  #schedule(): void {
    const due = deadline(this.#health);
    if (due === null) this.#timers.clear('deadline');
    else this.#timers.set('deadline', Math.max(0, due - this.edges.now()), () => this.observe({ type: 'time' }));
  }

  #sampleLater(): void {
    this.#timers.set('sample', SAMPLE_MS, () => void this.#sample());
  }

  async #sample(): Promise<void> {
    const evidence = this.#connection && (await evidenceOf(this.#connection));
    if (this.#isStopped()) return;
    this.#sampleLater();
    if (evidence === null) return;
    // Where the browser does not tell, the state of the transport has to do.
    if (evidence.heard === null || evidence.heard !== this.#heard) this.observe({ type: 'heard' });
    this.#heard = evidence.heard;
    const flows = this.host.shown() === 'flowing';
    if (!flows) this.host.onEvidence(evidence);
    // While nothing gets through nobody is missed in particular.
    this.host.onSilent(this.#silences.observe(flows ? this.host.peers() : [], evidence.sounds, this.edges.now()));
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}
