import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { selfMetadata, sentBy, UplinkJudge, watchUplink, weaknessOf, type Sent, type Weakness } from './uplink';

/** One look: packets sent since the last one, how many of them were lost, bit/s that the browser believes in. */
type Look = readonly [packets: number, lost: number, available?: number | null];

/** What is said after each of these looks; pictures are sent all the time. */
function after(looks: readonly Look[]): (Weakness | null)[] {
  const judge = new UplinkJudge();
  let sent: Sent = { packets: 0, lost: 0, frames: 0, available: null };
  judge.observe(sent);
  return looks.map(([packets, lost, available = null]) => {
    sent = { packets: sent.packets + packets, lost: sent.lost + lost, frames: sent.frames + 30, available };
    return judge.observe(sent);
  });
}

const times = (count: number, look: Look) => Array.from({ length: count }, () => look);

describe('the way to the server', () => {
  it.each<[string, readonly Look[], Weakness | null]>([
    ['is good', times(5, [100, 0, 2_000_000]), null],
    ['loses much', times(3, [100, 10]), 'unsteady'],
    ['loses a little, which is repaired', times(5, [100, 5]), null],
    ['lost much for a moment', [...times(2, [100, 30]), ...times(3, [100, 0])], null],
    ['loses of so few packets that nobody can tell', times(5, [10, 5]), null],
    ['carries little', times(3, [100, 0, 100_000]), 'slow'],
    ['loses much and carries little', times(3, [100, 10, 100_000]), 'unsteady'],
    ['is better for a moment only', [...times(3, [100, 10]), ...times(2, [100, 0]), [100, 10]], 'unsteady'],
    ['is only a little better', [...times(3, [100, 10]), ...times(5, [100, 5])], 'unsteady'],
    ['is good again', [...times(3, [100, 10]), ...times(3, [100, 0])], null],
    ['is no longer slow', [...times(3, [100, 0, 100_000]), ...times(3, [100, 0, 400_000])], null],
  ])('%s', (_, looks, said) => {
    expect(after(looks).at(-1)).toBe(said);
  });

  it('is not blamed for what was counted on another connection', () => {
    const judge = new UplinkJudge();
    const old: Sent = { packets: 900, lost: 0, frames: 0, available: null };
    for (const sent of [old, { ...old, packets: 10 }, null, { ...old, packets: 5, lost: 900 }]) {
      expect(judge.observe(sent)).toBeNull();
    }
  });

  it('is not slow for somebody who sends no picture', () => {
    const judge = new UplinkJudge();
    for (let packets = 0; packets < 500; packets += 100) {
      expect(judge.observe({ packets, lost: 0, frames: 7, available: 50_000 })).toBeNull();
    }
  });
});

it('reads what browsers count', () => {
  const stats = [
    { type: 'outbound-rtp', packetsSent: 100 },
    { type: 'outbound-rtp', packetsSent: 40, framesSent: 12 },
    { type: 'remote-inbound-rtp', packetsLost: 3 },
    { type: 'remote-inbound-rtp', packetsLost: 4 },
    { type: 'inbound-rtp', packetsLost: 99 },
    { type: 'candidate-pair', nominated: false, availableOutgoingBitrate: 1 },
    { type: 'candidate-pair', nominated: true, availableOutgoingBitrate: 300_000 },
  ];
  const report = new Map(stats.map((entry, at) => [String(at), entry]));
  expect(sentBy(report as unknown as RTCStatsReport)).toEqual({
    packets: 140,
    lost: 7,
    frames: 12,
    available: 300_000,
  });
  expect(sentBy(new Map() as unknown as RTCStatsReport)).toEqual({ packets: 0, lost: 0, frames: 0, available: null });
});

describe('looking again and again', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells each change once, and nothing any more when stopped', async () => {
    let packets = 0;
    let lost = 0;
    let share = 0.2;
    const getStats = () => {
      packets += 100;
      lost += 100 * share;
      const stats = [
        { type: 'outbound-rtp', packetsSent: packets },
        { type: 'remote-inbound-rtp', packetsLost: lost },
      ];
      return Promise.resolve(new Map(stats.map((entry, at) => [String(at), entry])) as unknown as RTCStatsReport);
    };
    const told: (Weakness | null)[] = [];
    const stop = watchUplink(getStats, (weakness) => told.push(weakness));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told).toEqual(['unsteady']);
    share = 0;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told).toEqual(['unsteady', null]);
    share = 0.2;
    stop();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told).toHaveLength(2);
  });
});

it('goes to others with the name, and strangers’ words are not repeated', () => {
  expect(weaknessOf(selfMetadata('Ana', 'slow'))).toBe('slow');
  expect(weaknessOf(selfMetadata('Ana', null))).toBeNull();
  for (const metadata of [null, 'slow', ['slow'], { link: 'broken' }, { link: 5 }]) {
    expect(weaknessOf(metadata)).toBeNull();
  }
});
