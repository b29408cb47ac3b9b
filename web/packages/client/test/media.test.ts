import { describe, expect, it } from 'vitest';

import { deadline, JOINING, observe, shown, type Health, type Remedy, type Sign } from '../src/media/health';
import { FakeRoom, type Endpoints } from './fakes/room';
import { settle } from './fakes/clock';

const BO: Endpoints = { b: { tracks: { 'b:v': { type: 'camera', paused: false } } } };

/** Signs at their times in milliseconds. */
type Script = readonly (readonly [number, Sign])[];

const joined: Sign = { type: 'joined', wanted: true };
const hurry: Sign = { type: 'hurry' };
const time: Sign = { type: 'time' };
const becomes = (state: RTCPeerConnectionState): Sign => ({ type: 'transport', state });
const signalling = (up: boolean): Sign => ({ type: 'signalling', up });

/** Media that flowed until 1,000. */
const LOST: Script = [
  [0, joined],
  [100, becomes('connected')],
  [1_000, becomes('disconnected')],
];

function play(script: Script): { health: Health; remedies: Remedy[] } {
  const remedies: Remedy[] = [];
  let health = JOINING;
  for (const [now, sign] of script) {
    const step = observe(health, sign, now);
    health = step.health;
    remedies.push(step.remedy);
  }
  return { health, remedies };
}

describe('the health of media', () => {
  it.each<[string, Script, string, number | null]>([
    ['nothing has happened', [], 'none', null],
    ['nobody sends', [[0, { type: 'joined', wanted: false }]], 'none', null],
    ['it is being set up', [[0, joined]], 'connecting', 8_000],
    [
      'it is late',
      [
        [0, joined],
        [8_000, time],
      ],
      'blocked',
      null,
    ],
    [
      'it came up late',
      [
        [0, joined],
        [8_000, time],
        [9_000, becomes('connected')],
      ],
      'flowing',
      16_000,
    ],
    ['it is lost', LOST, 'interrupted', 3_000],
    ['it is being restarted', [...LOST, [3_000, time]], 'interrupted', 11_000],
    [
      'it is being restarted without signalling',
      [...LOST, [3_000, time], [4_000, signalling(false)]],
      'interrupted',
      null,
    ],
    [
      'signalling is back',
      [...LOST, [3_000, time], [4_000, signalling(false)], [9_000, signalling(true)]],
      'interrupted',
      17_000,
    ],
    ['it is back', [...LOST, [3_000, time], [3_200, becomes('connected')]], 'flowing', 10_200],
    [
      'nothing was heard',
      [
        [0, joined],
        [100, becomes('connected')],
        [7_100, time],
      ],
      'interrupted',
      null,
    ],
    [
      'it was heard again',
      [
        [0, joined],
        [100, becomes('connected')],
        [7_100, time],
        [8_000, { type: 'heard' }],
      ],
      'flowing',
      15_000,
    ],
  ])('when %s', (_, script, state, due) => {
    const { health } = play(script);
    expect([shown(health, 'none', true), deadline(health)]).toEqual([state, due]);
  });

  it.each<[string, Script, Remedy]>([
    [
      'fails before it was up',
      [
        [0, joined],
        [5_000, becomes('failed')],
      ],
      'giveUp',
    ],
    [
      'fails after it was up',
      [
        [0, joined],
        [100, becomes('connected')],
        [5_000, becomes('failed')],
      ],
      'restart',
    ],
    ['is lost for a moment', [...LOST, [2_999, time]], null],
    ['is lost for longer', [...LOST, [3_000, time]], 'restart'],
    ['fails while it is restarted', [...LOST, [3_000, time], [4_000, becomes('failed')]], null],
    ['does not come back', [...LOST, [3_000, time], [11_000, time]], 'giveUp'],
    [
      'does not come back without signalling',
      [...LOST, [3_000, time], [4_000, signalling(false)], [60_000, time]],
      null,
    ],
    ['is lost and the network changes', [...LOST, [1_500, hurry]], 'restart'],
    ['is restarted and the network changes again', [...LOST, [3_000, time], [4_000, hurry]], 'restart'],
    [
      'flows while the network changes',
      [
        [0, joined],
        [100, becomes('connected')],
        [200, hurry],
      ],
      null,
    ],
    [
      'flows while the network changes and takes the socket with it',
      [
        [0, joined],
        [100, becomes('connected')],
        [200, hurry],
        [2_200, signalling(false)],
        [2_500, signalling(true)],
      ],
      'restart',
    ],
    [
      'flows while a socket is replaced in the same network',
      [
        [0, joined],
        [100, becomes('connected')],
        [2_200, signalling(false)],
        [2_500, signalling(true)],
      ],
      null,
    ],
    [
      'is lost long after the network changed',
      [
        [0, joined],
        [100, becomes('connected')],
        [200, hurry],
        [6_000, becomes('disconnected')],
      ],
      null,
    ],
    [
      'is silent',
      [
        [0, joined],
        [100, becomes('connected')],
        [7_100, time],
      ],
      null,
    ],
  ])('when media %s', (_, script, remedy) => {
    expect(play(script).remedies.at(-1)).toBe(remedy);
  });

  it('shows over sessions what has not become better', () => {
    const { health } = play([[0, joined]]);
    expect(shown(health, 'interrupted', true)).toBe('interrupted');
    expect(shown(health, 'blocked', true)).toBe('blocked');
    expect(shown(JOINING, 'interrupted', true)).toBe('interrupted');
  });

  it('does not miss what nobody sends', () => {
    const { health } = play([
      [0, joined],
      [100, becomes('connected')],
      [7_100, time],
    ]);
    expect(shown(health, 'none', false)).toBe('flowing');
  });
});

const ANSWER = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=ice-ufrag:SECRET',
  'a=candidate:1 1 UDP 2130706431 10.0.0.5 50000 typ host',
  'a=candidate:2 1 udp 2130706430 fd00::5 50000 typ host ufrag SECRET',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=candidate:1 1 UDP 2130706431 10.0.0.5 50000 typ host',
].join('\r\n');

const pairStats = (responsesReceived: number) => [
  {
    id: 'p',
    type: 'candidate-pair',
    localCandidateId: 'l',
    remoteCandidateId: 'r',
    state: 'in-progress',
    requestsSent: 9,
    responsesReceived,
  },
  { id: 'l', type: 'local-candidate', address: '', port: 4444, protocol: 'udp', candidateType: 'host' },
  { id: 'r', type: 'remote-candidate', address: '10.0.0.5', port: 50_000, protocol: 'udp', candidateType: 'host' },
];

/** A room whose answer leads nowhere. */
async function blocked(url: string, answer: string, stats: readonly { id: string }[]): Promise<FakeRoom> {
  const room = new FakeRoom();
  room.token = () => Promise.resolve({ url, token: 'secret-token' });
  await room.joins('me', BO);
  await room.asksForOffer(0, 1);
  await room.answers({ 0: 'b:v' }, answer);
  room.connection.stats = stats;
  room.connection.becomes('connecting');
  await room.clock.advance(8_000);
  return room;
}

describe('media that does not get through', () => {
  it('is told after eight seconds', async () => {
    const room = new FakeRoom();
    await room.joins('me', BO);
    expect(room.snapshot.media).toBe('connecting');
    await room.negotiates(0, 1, { 0: 'b:v' });
    await room.clock.advance(7_999);
    expect(room.snapshot.media).toBe('connecting');
    await room.clock.advance(1);
    expect(room.snapshot).toMatchObject({ status: 'connected', media: 'blocked' });
    room.connection.becomes('connected');
    expect(room.snapshot.media).toBe('flowing');
  });

  it('is none of the troubles of an empty room', async () => {
    const room = new FakeRoom();
    await room.joins();
    await room.clock.advance(60_000);
    expect(room.snapshot.media).toBe('none');
  });

  it('stays blocked over sessions until it flows', async () => {
    const room = await blocked('wss://meet.example.org', ANSWER, pairStats(0));
    room.connection.becomes('failed');
    await room.clock.advance(1_000);
    expect(room.snapshot).toMatchObject({ status: 'reconnecting', media: 'blocked' });
    await room.joins('me', BO);
    await room.negotiates(0, 1);
    expect(room.snapshot).toMatchObject({ status: 'connected', media: 'blocked' });
  });

  it('is diagnosed without secrets', async () => {
    const room = await blocked('wss://meet.example.org/x', ANSWER, pairStats(0));
    const diagnosis = await room.client.diagnose();
    const local = { address: null, port: 4_444, protocol: 'udp', type: 'host' };
    const remote = { address: '10.0.0.5', port: 50_000, protocol: 'udp', type: 'host' };
    expect(diagnosis).toEqual({
      media: 'blocked',
      waitedMs: 8_000,
      failedSessions: 0,
      signalling: { host: 'meet.example.org', secure: true, connected: true },
      transport: { connection: 'connecting', ice: 'new', gathering: 'complete', dtls: null },
      remoteCandidates: [remote, { ...remote, address: 'fd00::5' }],
      localCandidates: [],
      pairs: [
        {
          local,
          remote,
          state: 'in-progress',
          nominated: false,
          requestsSent: 9,
          responsesReceived: 0,
          bytesSent: 0,
          bytesReceived: 0,
        },
      ],
      suspect: 'private_address',
    });
    expect(JSON.stringify(diagnosis)).not.toMatch(/secret/i);
  });

  it.each([
    ['wss://meet.example.org', ANSWER, pairStats(0), 'private_address'],
    ['wss://203.0.113.7:8080', ANSWER, pairStats(0), 'private_address'],
    ['wss://192.168.1.20', ANSWER, pairStats(0), 'private_address'],
    ['wss://10.0.7.7:8080', ANSWER, pairStats(0), 'no_reply'],
    ['ws://localhost:8080', ANSWER, pairStats(0), 'no_reply'],
    ['wss://meet.lan', ANSWER, pairStats(0), 'no_reply'],
    ['wss://meet.example.org', ANSWER.replaceAll('10.0.0.5', '203.0.113.7'), pairStats(0), 'no_reply'],
    ['wss://meet.example.org', ANSWER, pairStats(3), 'handshake'],
    ['wss://meet.example.org', 'v=0', pairStats(0), 'no_server_address'],
    ['wss://10.0.0.5', ANSWER, [], 'no_local_address'],
  ])('at %s is suspected of %s', async (url, answer, stats, suspect) => {
    const room = await blocked(url, answer, stats);
    expect((await room.client.diagnose()).suspect).toBe(suspect);
  });

  it('can still be diagnosed after the end', async () => {
    const room = await blocked('wss://meet.example.org', ANSWER, pairStats(0));
    for (let n = 0; n < 4; n++) {
      room.connection.becomes('failed');
      await room.clock.advance(8_000);
      if (n === 3) break;
      await room.joins('me', BO);
      await room.negotiates(0, 1);
    }
    expect(room.snapshot).toMatchObject({ status: 'closed', error: { code: 'media_failed' }, media: 'none' });
    const diagnosis = await room.client.diagnose();
    expect(diagnosis).toMatchObject({ media: 'blocked', failedSessions: 4, suspect: 'private_address' });
    await room.clock.advance(60_000);
    expect((await room.client.diagnose()).waitedMs).toBe(diagnosis.waitedMs);
  });

  it('has nothing to tell when all is well', async () => {
    const room = new FakeRoom();
    expect(await room.client.diagnose()).toMatchObject({
      media: 'none',
      waitedMs: 0,
      signalling: null,
      transport: null,
    });
    await room.joins('me', BO);
    await room.negotiates(0, 1);
    room.connection.becomes('connected');
    expect(await room.client.diagnose()).toMatchObject({ media: 'flowing', waitedMs: 0, suspect: null });
  });
});

describe('trying again', () => {
  it('starts a new session when media never came up', async () => {
    const room = await blocked('wss://meet.example.org', ANSWER, pairStats(0));
    room.client.retry();
    await settle();
    expect(room.sockets.map(({ closedWith }) => closedWith)).toEqual([1_000, undefined]);
  });

  it('restarts ICE when media was up', async () => {
    const room = new FakeRoom();
    await room.joins('me', BO);
    await room.negotiates(0, 1);
    room.connection.becomes('connected');
    room.connection.becomes('disconnected');
    room.client.retry();
    await room.negotiates(0, 1);
    expect(room.connection.restarts).toBe(1);
    expect(room.sockets).toHaveLength(1);
  });

  it('ends a wait for the next attempt', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.socket.drops();
    await settle();
    room.client.retry();
    await settle();
    expect(room.sockets).toHaveLength(2);
  });

  it('does nothing after the end', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.client.close();
    room.client.retry();
    await settle();
    expect(room.sockets).toHaveLength(1);
  });
});

describe('a browser that does not count what arrives', () => {
  it.each([{}, { bytesReceived: 0 }])('is believed when it says that the transport is up (%j)', async (counters) => {
    const room = new FakeRoom();
    await room.joins('me', BO);
    await room.negotiates(0, 1, { 0: 'b:v' });
    room.connection.stats = [{ id: 'pair', type: 'candidate-pair', ...counters }];
    room.connection.becomes('connected');
    await room.clock.advance(60_000);
    expect(room.snapshot.media).toBe('flowing');
  });
});
