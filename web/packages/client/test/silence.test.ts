import { describe, expect, it } from 'vitest';

import { Silences, SILENT_AFTER_MS } from '../src/media/silence';
import { FakeRoom } from './fakes/room';
import type { RemotePeer, RemoteTrack, TrackMetadata } from '../src/types';

const LOOK_MS = 2_000;

function track(id: string, metadata: TrackMetadata | null, kind: RemoteTrack['kind'] = 'audio'): RemoteTrack {
  const stream = { getTracks: () => [{ id: `browser's ${id}` }] };
  return { id, kind, metadata, stream: stream as unknown as MediaStream, speaking: false, silent: false };
}

function peer(...tracks: RemoteTrack[]): RemotePeer {
  return { id: 'b', metadata: null, serverMetadata: null, tracks, joinedOrder: 0 };
}

const ON: TrackMetadata = { type: 'microphone', paused: false };
const MUTED: TrackMetadata = { type: 'microphone', paused: true };

/** Looks every two seconds, at that many packets each time. */
function look(peers: RemotePeer, packets: readonly (number | null)[], every = LOOK_MS): boolean[] {
  const silences = new Silences();
  return packets.map((count, at) => {
    const received = new Map(count === null ? [] : [["browser's s", count]]);
    return silences.observe([peers], received, at * every).has('s');
  });
}

describe('a sound', () => {
  it.each<[string, RemoteTrack, readonly (number | null)[], readonly boolean[]]>([
    ['that arrives is not missed', track('s', ON), [1, 2, 3, 4, 5], [false, false, false, false, false]],
    ['that stops is missed after a while', track('s', ON), [1, 9, 9, 9, 9], [false, false, false, false, true]],
    ['that never comes is missed, too', track('s', ON), [0, 0, 0, 0], [false, false, false, true]],
    ['that is back is not missed', track('s', ON), [1, 1, 1, 1, 2], [false, false, false, true, false]],
    ['that its owner muted is not missed', track('s', MUTED), [1, 1, 1, 1], [false, false, false, false]],
    ['that says nothing of itself is not missed', track('s', null), [1, 1, 1, 1], [false, false, false, false]],
    [
      'that the browser does not count is not missed',
      track('s', ON),
      [null, null, null, null],
      [false, false, false, false],
    ],
    ['is no picture', track('s', { ...ON, type: 'camera' }, 'video'), [1, 1, 1, 1], [false, false, false, false]],
  ])('%s', (_, sound, packets, expected) => {
    expect(look(peer(sound), packets)).toEqual(expected);
  });

  it('is given time again after its owner was muted', () => {
    const silences = new Silences();
    const received = new Map([["browser's s", 7]]);
    const at = (now: number, metadata: TrackMetadata) =>
      silences.observe([peer(track('s', metadata))], received, now).size > 0;
    const told = [0, 2_000, 4_000].map((now) => at(now, ON));
    expect(told).toEqual([false, false, false]);
    expect(at(6_000, MUTED)).toBe(false);
    expect([8_000, 10_000, 12_000, 14_000].map((now) => at(now, ON))).toEqual([false, false, false, true]);
  });

  it('is not missed by a page that stood still', () => {
    expect(look(peer(track('s', ON)), [1, 1, 1, 1], 60_000)).toEqual([false, false, false, false]);
  });
});

describe('in a room', () => {
  const inbound = (trackIdentifier: string | undefined, packetsReceived: number, bytesReceived: number) => [
    { id: 'pair', type: 'candidate-pair', bytesReceived },
    { id: 'in', type: 'inbound-rtp', kind: 'audio', trackIdentifier, packetsReceived },
  ];

  it('who is not heard although others are is told so, and no longer when that is over', async () => {
    const room = new FakeRoom();
    await room.joins('me', { b: { tracks: { 'b:a': { type: 'microphone', paused: false } } } });
    await room.negotiates(1, 0, { 0: 'b:a' });
    room.connection.becomes('connected');
    const sound = (): RemoteTrack | undefined => room.snapshot.peers[0]?.tracks[0];
    const id = sound()?.stream?.getTracks()[0]?.id;
    let bytes = 0;
    const pass = async (ms: number, packets: number) => {
      for (let passed = 0; passed < ms; passed += LOOK_MS) {
        room.connection.stats = inbound(id, packets, (bytes += 1_000));
        await room.clock.advance(LOOK_MS);
      }
    };
    await pass(SILENT_AFTER_MS, 5);
    expect(sound()?.silent).toBe(false);
    await pass(LOOK_MS, 5);
    expect([room.snapshot.media, sound()?.silent]).toEqual(['flowing', true]);
    await pass(LOOK_MS, 6);
    expect(sound()?.silent).toBe(false);
  });
});
