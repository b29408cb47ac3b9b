import { Timers } from '../connection/timers';
import type { LevelMeter } from './meter';
import type { Edges } from '../edges';

/** Level from which on a voice is heard: −32 dBov, as on the server. */
const THRESHOLD = 10 ** (-32 / 20);

/** How long a voice counts as heard after it was loud: words have pauses. */
const HOLD_MS = 600;

/** How often the level is read. Higher reacts late; lower costs a phone's battery. */
const INTERVAL_MS = 200;

/** A microphone that is being sent. */
export interface SentMicrophone {
  readonly sender: RTCRtpSender;
  readonly track: MediaStreamTrack;
}

/** Listens to this peer's own microphone as it is sent, while somebody wants to know. */
export class LocalVoice {
  readonly #timers: Timers<'poll'>;
  readonly #meter: LevelMeter;
  #loudAt = -Infinity;
  #observed = false;

  /**
   * @param microphone - what is sent now
   * @param onChange - may be told the same twice
   */
  constructor(
    private readonly edges: Edges,
    private readonly microphone: () => SentMicrophone | undefined,
    private readonly onChange: (speaking: boolean) => void,
  ) {
    this.#timers = new Timers(edges);
    this.#meter = edges.levelMeter();
  }

  observe(observed: boolean): void {
    this.#observed = observed;
    this.#timers.clearAll();
    if (observed) this.#schedule();
    else this.#meter.close();
  }

  #schedule(): void {
    this.#timers.set('poll', INTERVAL_MS, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    const microphone = this.microphone();
    const level = microphone === undefined ? null : await this.#level(microphone);
    if (!this.#isObserved()) return;
    const now = this.edges.now();
    if (level === null) this.#silence();
    else if (level >= THRESHOLD) this.#loudAt = now;
    this.onChange(now - this.#loudAt < HOLD_MS);
    this.#schedule();
  }

  async #level({ sender, track }: SentMicrophone): Promise<number> {
    return (await statedLevel(sender)) ?? (this.#isObserved() ? this.#meter.level(track) : 0);
  }

  #silence(): void {
    this.#loudAt = -Infinity;
    this.#meter.close();
  }

  #isObserved(): boolean {
    return this.#observed;
  }
}

/** Level of what is sent, from 0 to 1; null where the browser's statistics do not tell. */
async function statedLevel(sender: RTCRtpSender): Promise<number | null> {
  let level: number | null = null;
  try {
    const report = await sender.getStats();
    report.forEach((stats: { type: string; audioLevel?: number }) => {
      if (stats.type === 'media-source' && stats.audioLevel !== undefined) level = stats.audioLevel;
    });
  } catch {
    // The connection was closed meanwhile: nothing is sent.
    return 0;
  }
  return level;
}
