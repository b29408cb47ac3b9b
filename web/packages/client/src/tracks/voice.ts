import { Timers } from '../connection/timers';
import type { Edges } from '../edges';

/** Level from which on a voice is heard: −32 dBov, as on the server. */
const THRESHOLD = 10 ** (-32 / 20);

/** How long a voice counts as heard after it was loud: words have pauses. */
const HOLD_MS = 600;

/** How often the level is read. Higher reacts late; lower costs a phone's battery. */
const INTERVAL_MS = 200;

/** Pure: when a voice was loud last. */
export function lastLoud(before: number, level: number, now: number): number {
  return level >= THRESHOLD ? now : before;
}

/** Pure: whether a voice is heard. */
export function isSpeaking(loudAt: number, now: number): boolean {
  return now - loudAt < HOLD_MS;
}

/** Listens to this peer's own microphone as it is sent, while somebody wants to know. */
export class LocalVoice {
  readonly #timers: Timers<'poll'>;
  #loudAt = -Infinity;
  #observed = false;

  /**
   * @param microphone - what sends the microphone now
   * @param onChange - may be told the same twice
   */
  constructor(
    private readonly edges: Edges,
    private readonly microphone: () => RTCRtpSender | undefined,
    private readonly onChange: (speaking: boolean) => void,
  ) {
    this.#timers = new Timers(edges);
  }

  observe(observed: boolean): void {
    this.#observed = observed;
    this.#timers.clearAll();
    if (observed) this.#schedule();
  }

  #schedule(): void {
    this.#timers.set('poll', INTERVAL_MS, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    const sender = this.microphone();
    const level = sender === undefined ? 0 : await audioLevel(sender);
    if (!this.#observed) return;
    const now = this.edges.now();
    this.#loudAt = sender === undefined ? -Infinity : lastLoud(this.#loudAt, level, now);
    this.onChange(isSpeaking(this.#loudAt, now));
    this.#schedule();
  }
}

/** Level of what is sent, from 0 to 1; 0 where the browser does not tell. */
async function audioLevel(sender: RTCRtpSender): Promise<number> {
  try {
    const report = await sender.getStats();
    const levels: number[] = [];
    report.forEach((stats: { type: string; audioLevel?: number }) => {
      if (stats.type === 'media-source') levels.push(stats.audioLevel ?? 0);
    });
    return Math.max(0, ...levels);
  } catch {
    // The connection was closed meanwhile.
    return 0;
  }
}
