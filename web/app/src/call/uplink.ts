import type { Json } from '@videoroom/client';
import { field } from './people';

/** What is wrong with the way from somebody to the server: much of what they send is lost, or only little gets through. */
export type Weakness = 'unsteady' | 'slow';

/** What has been sent by now and what became of it; counters of one connection. */
export interface Sent {
  readonly packets: number;
  /** As far as the server has told. */
  readonly lost: number;
  /** Pictures only. */
  readonly frames: number;
  /** Bits per second that the browser believes in; null where it does not tell. */
  readonly available: number | null;
}

/** How often statistics are read. */
const SAMPLE_MS = 2_000;
/** So many looks have to agree: what passes by itself is no news. */
const AGREE = 3;
/** Share of the packets. Below, repair hides it; above, pictures stumble and words break. */
const LOSS = { begins: 0.08, ends: 0.03 };
/** Bits per second. Less carries a voice and no picture that anybody likes to look at. */
const LEAST = { begins: 150_000, ends: 250_000 };
/** Fewer packets say nothing about their share. */
const FEW = 20;

/** Judges the way to the server by what the browser counts. Slow to blame and slow to forgive, so that nothing blinks. */
export class UplinkJudge {
  private last: Sent | null = null;
  private told: Weakness | null = null;
  private seen: Weakness | null = null;
  private times = 0;

  /** What to say after another look. */
  observe(now: Sent | null): Weakness | null {
    const { last } = this;
    this.last = now;
    const seen = last && now ? this.look(last, now) : null;
    this.times = seen === this.seen ? this.times + 1 : 1;
    this.seen = seen;
    if (this.times >= AGREE) this.told = seen;
    return this.told;
  }

  private look(last: Sent, now: Sent): Weakness | null {
    const packets = now.packets - last.packets;
    const limit = this.told === 'unsteady' ? LOSS.ends : LOSS.begins;
    if (packets >= FEW && (now.lost - last.lost) / packets >= limit) return 'unsteady';
    const least = this.told === 'slow' ? LEAST.ends : LEAST.begins;
    // Whoever sends no picture needs little, and browsers believe in no more than they were able to try.
    return now.frames > last.frames && now.available !== null && now.available < least ? 'slow' : null;
  }
}

interface Stats {
  readonly type: string;
  readonly packetsSent?: number;
  readonly packetsLost?: number;
  readonly framesSent?: number;
  readonly nominated?: boolean;
  readonly availableOutgoingBitrate?: number;
}

/** What the browser's statistics say of what was sent. */
export function sentBy(report: Pick<RTCStatsReport, 'forEach'>): Sent {
  const all: Stats[] = [];
  report.forEach((stats: Stats) => void all.push(stats));
  const sum = (type: string, of: (stats: Stats) => number | undefined) =>
    all.reduce((total, stats) => (stats.type === type ? total + (of(stats) ?? 0) : total), 0);
  const pair = all.find(({ type, nominated }) => type === 'candidate-pair' && nominated === true);
  return {
    packets: sum('outbound-rtp', ({ packetsSent }) => packetsSent),
    lost: sum('remote-inbound-rtp', ({ packetsLost }) => packetsLost),
    frames: sum('outbound-rtp', ({ framesSent }) => framesSent),
    available: pair?.availableOutgoingBitrate ?? null,
  };
}

/** Looks again and again, and tells what changes. Returns how to stop that. */
export function watchUplink(
  getStats: () => Promise<RTCStatsReport | null>,
  onChange: (weakness: Weakness | null) => void,
): () => void {
  const judge = new UplinkJudge();
  let told: Weakness | null = null;
  let stopped = false;
  const look = async () => {
    const report = await getStats().catch(() => null);
    if (stopped) return;
    const now = judge.observe(report && sentBy(report));
    if (now !== told) onChange((told = now));
    timer = setTimeout(() => void look(), SAMPLE_MS);
  };
  let timer = setTimeout(() => void look(), SAMPLE_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** What the page tells others of this person. */
export function selfMetadata(displayName: string, link: Weakness | null): Json {
  return link === null ? { displayName } : { displayName, link };
}

/** What somebody's page said of their way to the server. */
export function weaknessOf(metadata: Json): Weakness | null {
  const link = field(metadata, 'link');
  return link === 'unsteady' || link === 'slow' ? link : null;
}
