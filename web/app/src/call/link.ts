import type { Snapshot } from '@videoroom/client';

/**
 * What the page says of its connection. `lost`: it was there and is being looked for; `blocked`: sound and picture have
 * found no way for so long that waiting is no answer.
 */
export type Link = 'good' | 'lost' | 'blocked';

/** Sooner, every bump of a radio is a banner; later, the page claims to be connected while nothing flows. */
const PATIENCE_MS = 1_000;

/** Pure: what to say, when media has been interrupted for so many milliseconds. */
export function linkOf({ status, media }: Pick<Snapshot, 'status' | 'media'>, interruptedMs: number): Link {
  if (media === 'blocked') return 'blocked';
  if (status === 'reconnecting') return 'lost';
  return media === 'interrupted' && interruptedMs >= PATIENCE_MS ? 'lost' : 'good';
}

/** Follows the link over time. */
export class LinkWatch {
  private interruptedSince: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly now: () => number,
    /** Told when the answer changes although the snapshot does not. */
    private readonly onDue: () => void,
  ) {}

  read(snapshot: Pick<Snapshot, 'status' | 'media'>): Link {
    if (snapshot.media !== 'interrupted') {
      this.stop();
    } else if (this.interruptedSince === null) {
      this.interruptedSince = this.now();
      this.timer = setTimeout(this.onDue, PATIENCE_MS);
    }
    return linkOf(snapshot, this.interruptedSince === null ? 0 : this.now() - this.interruptedSince);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.interruptedSince = null;
  }
}
