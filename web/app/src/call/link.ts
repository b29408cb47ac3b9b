import type { Snapshot } from '@videoroom/client';

/**
 * What the page says of its connection. `lost`: it was there and is being looked for; `blocked`: sound and picture have
 * found no way for so long that waiting is no answer.
 */
export type Link = 'good' | 'lost' | 'blocked';

/** Sooner, every bump of a radio is a banner; later, the page claims to be connected while nothing flows. */
const PATIENCE_MS = 1_000;

/** Pure: what to say, when media has been interrupted for long or not. */
export function linkOf({ status, media }: Pick<Snapshot, 'status' | 'media'>, isLong: boolean): Link {
  if (media === 'blocked') return 'blocked';
  if (status === 'reconnecting') return 'lost';
  return media === 'interrupted' && isLong ? 'lost' : 'good';
}

/** Follows the link over time: by a timer alone, because a clock that is corrected meanwhile measures nothing. */
export class LinkWatch {
  private isLong = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onDue - told when the answer changes although the snapshot does not */
  constructor(private readonly onDue: () => void) {}

  read(snapshot: Pick<Snapshot, 'status' | 'media'>): Link {
    if (snapshot.media === 'interrupted') this.timer ??= setTimeout(() => this.due(), PATIENCE_MS);
    else this.stop();
    return linkOf(snapshot, this.isLong);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isLong = false;
  }

  private due(): void {
    this.isLong = true;
    this.onDue();
  }
}
