import { describe, expect, it } from 'vitest';

import { ClientError } from '../src';
import { settle } from './fakes/clock';
import { track } from './fakes/media';
import { randomNumbers } from './fakes/random';
import { FakeRoom, type Endpoints } from './fakes/room';

const CAMERA = { type: 'camera', paused: false } as const;
const MICROPHONE = { type: 'microphone', paused: false } as const;
const BO: Endpoints = { b: { tracks: { 'b:v': CAMERA } } };

/** More than the longest delay of a first retry. */
const FIRST_RETRY_MS = 750;

describe('a lost connection', () => {
  it('comes back with the same token after a delay', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.socket.drops();
    await room.clock.advance(0);
    expect(room.snapshot).toMatchObject({ status: 'reconnecting', error: null });
    await room.clock.advance(99);
    expect(room.sockets).toHaveLength(1);
    await room.clock.advance(2);
    await room.joins();
    expect(room.snapshot.status).toBe('connected');
    expect(room.socket.sent[0]).toMatchObject({ authRequest: { token: 'token-1' } });
    expect(room.tokens).toBe(1);
  });

  it.each([
    [1001, '', 'same'],
    [1006, '', 'same'],
    [1000, 'peer already connected', 'same'],
    [1008, 'slow reader', 'same'],
    [1011, 'Internal server error', 'fresh'],
    [1000, 'room not found', 'fresh'],
    [1000, 'peer not found', 'fresh'],
    [1000, 'invalid token', 'fresh'],
    [1000, 'expired token', 'fresh'],
    [1000, 'missing token', 'fresh'],
    [1000, ' Room Not Found ', 'fresh'],
  ])('after close %i "%s" uses the %s token', async (code, reason, token) => {
    const room = new FakeRoom();
    await room.joins();
    room.socket.drops(code, reason);
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins();
    expect(room.tokens).toBe(token === 'same' ? 1 : 2);
    expect(room.socket.sent[0]).toMatchObject({ authRequest: { token: `token-${room.tokens}` } });
    expect(room.snapshot.status).toBe('connected');
  });

  it.each([
    ['Room stopped', 'room_closed'],
    ['Peer removed', 'removed'],
    ['reached peers limit', 'room_full'],
    ['Invalid SDK version', 'internal'],
  ])('after "%s" is closed: %s', async (reason, code) => {
    const room = new FakeRoom();
    await room.joins('me', BO);
    room.socket.drops(1000, reason);
    await room.clock.advance(600_000);
    expect(room.snapshot).toMatchObject({ status: 'closed', error: { code }, peers: [] });
    expect(room.sockets).toHaveLength(1);
    expect(room.tokens).toBe(1);
    expect(room.clock.pending).toBe(0);
  });

  it('takes the error event of the server as the end of the session', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.says('error', { message: 'no' });
    await room.clock.advance(FIRST_RETRY_MS);
    expect(room.tokens).toBe(2);
  });

  it('knocks often for half a minute, then patiently, and gives up in the end', async () => {
    const room = new FakeRoom();
    await room.joins();
    const starts: number[] = [];
    room.socket.drops();
    while (room.snapshot.status !== 'closed') {
      const count = room.sockets.length;
      await room.clock.step();
      if (room.sockets.length === count) continue;
      starts.push(room.clock.now());
      room.socket.drops();
      await settle();
    }
    const delays = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    expect(delays.slice(0, 44)).toEqual(Array(44).fill(650));
    expect(delays.slice(45)).toEqual(Array(delays.length - 45).fill(4_000));
    expect(starts).toHaveLength(74);
    expect(room.snapshot.error).toMatchObject({ code: 'connection_failed', retry: true });
  });

  it('forgets failures only after it was well for a while', async () => {
    const room = new FakeRoom();
    for (let n = 0; n < 39; n++) {
      await room.joins();
      room.socket.drops(1011, 'Internal server error');
      await room.clock.advance(8_000);
    }
    await room.joins();
    await room.clock.advance(10_000);
    room.socket.drops(1011, 'Internal server error');
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins();
    expect(room.snapshot.status).toBe('connected');
  });

  it('tries again at once when the network is back', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.socket.drops();
    await settle();
    room.networkIsBack();
    await room.joins();
    expect(room.snapshot.status).toBe('connected');
  });

  it('gives up an attempt that hangs', async () => {
    const room = new FakeRoom();
    await settle();
    await room.clock.advance(10_000);
    expect(room.socket.closedWith).toBe(1000);
    await room.clock.advance(FIRST_RETRY_MS);
    expect(room.sockets).toHaveLength(2);
    expect(room.snapshot.status).toBe('connecting');
  });
});

describe('lost media', () => {
  it('is looked for on a new way when the transport fails', async () => {
    const room = await flowing();
    room.connection.becomes('failed');
    expect(room.snapshot).toMatchObject({ status: 'connected', media: 'interrupted' });
    expect(room.socket.said.at(-1)).toBe('renegotiateTracks');
    await room.negotiates(1, 0);
    expect(room.connection.restarts).toBe(1);
    room.connection.becomes('connected');
    expect(room.snapshot).toMatchObject({ status: 'connected', media: 'flowing' });
    await room.clock.advance(60_000);
    await room.negotiates(1, 0);
    expect(room.connection.restarts).toBe(1);
    expect(room.connections).toHaveLength(1);
  });

  it('starts over when the new way leads nowhere', async () => {
    const room = await flowing();
    room.connection.becomes('failed');
    await room.negotiates(1, 0);
    await room.clock.advance(8_001);
    expect(room.snapshot).toMatchObject({ status: 'reconnecting', media: 'interrupted' });
    expect(room.socket.closedWith).toBe(1000);
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins('me', BO);
    expect(room.snapshot).toMatchObject({ status: 'connected', media: 'interrupted' });
    await room.negotiates(1, 0);
    room.connection.becomes('connected');
    expect(room.snapshot.media).toBe('flowing');
    expect(room.tokens).toBe(1);
  });

  it('may come back by itself within a short while', async () => {
    const room = await flowing();
    room.connection.becomes('disconnected');
    await room.clock.advance(1_900);
    room.connection.becomes('connected');
    await room.clock.advance(60_000);
    expect(room.socket.said).not.toContain('renegotiateTracks');
    room.connection.becomes('disconnected');
    await room.clock.advance(2_001);
    expect(room.socket.said.at(-1)).toBe('renegotiateTracks');
    expect(room.snapshot.status).toBe('connected');
  });

  it.each(['before', 'after'])('is looked for at once when the network changed %s it was lost', async (when) => {
    const room = await flowing();
    if (when === 'before') room.networkIsBack();
    expect(room.snapshot.media).toBe('flowing');
    room.connection.becomes('disconnected');
    if (when === 'after') room.networkIsBack();
    expect(room.socket.said.at(-1)).toBe('renegotiateTracks');
  });

  it('is missing when nothing arrives although somebody sends', async () => {
    const room = new FakeRoom();
    await room.joins('me', { b: { tracks: { 'b:a': MICROPHONE } } });
    await room.negotiates(1, 0, { 0: 'b:a' });
    room.connection.becomes('connected');
    const hears = (bytesReceived: number) => {
      room.connection.stats = [{ id: 'pair', type: 'candidate-pair', bytesReceived }];
    };
    for (let n = 0; n < 10; n++) {
      hears(n * 1_000);
      await room.clock.advance(1_000);
    }
    expect(room.snapshot.media).toBe('flowing');
    await room.clock.advance(9_000);
    expect(room.snapshot.media).toBe('interrupted');
    hears(1_000_000);
    await room.clock.advance(2_000);
    expect(room.snapshot.media).toBe('flowing');
  });

  it('gives up when no media ever gets through', async () => {
    const room = new FakeRoom();
    for (let n = 0; n < 4; n++) {
      await room.joins();
      await room.negotiates(1, 0);
      room.connection.becomes('connecting');
      await room.clock.advance(15_000);
      room.connection.becomes('failed');
      await room.clock.advance(8_000);
    }
    expect(room.snapshot).toMatchObject({ status: 'closed', error: { code: 'media_failed', retry: true } });
  });
});

/** A room in which media is received. */
async function flowing(): Promise<FakeRoom> {
  const room = new FakeRoom();
  await room.joins('me', BO);
  await room.negotiates(1, 0);
  room.connection.becomes('connected');
  return room;
}

describe('over a reconnection', () => {
  it('publishes again: same handles, new tracks, newest metadata', async () => {
    const room = new FakeRoom({ metadata: 'first' });
    await room.joins();
    const camera = track('video');
    const first = room.client.publish(camera, { metadata: CAMERA, maxBitrate: 300_000 });
    const second = room.client.publish(track('audio'), { metadata: MICROPHONE });
    const before = await room.negotiates();
    room.client.updateMetadata('second');
    room.socket.drops();
    await settle();
    expect(room.snapshot.localTracks.map(({ published }) => published)).toEqual([false, false]);
    await room.client.setPaused(second, true);
    await room.client.setEncoding(first, { maxBitrate: 100_000 });
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins();

    expect(room.socket.events('connect')).toEqual([{ metadataJson: '"second"', groupedStreams: true }]);
    expect(room.socket.said.at(-1)).toBe('renegotiateTracks');
    const offer = await room.negotiates();
    expect(room.connections).toHaveLength(2);
    const [video, audio] = room.connection.transceivers;
    expect(video?.sender.track).toBe(camera);
    expect(video?.sender.parameters.encodings).toEqual([{ maxBitrate: 100_000 }]);
    expect(audio?.sender.track).toBeNull();
    expect(room.snapshot.localTracks.map(({ id, published }) => [id, published])).toEqual([
      [first, true],
      [second, true],
    ]);
    const ids = (from: typeof offer) => Object.values(from['midToTrackId'] as object) as string[];
    expect(ids(offer).filter((id) => ids(before).includes(id))).toEqual([]);
  });

  it('publishes only what is still wanted', async () => {
    const room = new FakeRoom();
    await room.joins();
    const id = room.client.publish(track('video'), { metadata: CAMERA });
    await room.negotiates();
    room.socket.drops();
    await settle();
    await room.client.unpublish(id);
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins();
    expect(room.socket.said.at(-1)).toBe('connect');
  });

  it('sends nothing more through the old connection', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.client.publish(track('audio'), { metadata: MICROPHONE });
    await room.negotiates();
    const old = room.connection;
    room.socket.drops();
    await settle();
    expect(old.transceivers[0]?.sender.track).toBeNull();
  });

  it('keeps the picture until the new media is there', async () => {
    const room = new FakeRoom();
    await room.joins('me', BO);
    await room.negotiates(0, 1, { 0: 'b:v' });
    const before = room.snapshot.peers[0];
    const stream = before?.tracks[0]?.stream;
    const old = room.connection;

    room.socket.drops();
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins('me', BO);
    await room.negotiates(0, 1, { 0: 'b:v' });
    expect(room.snapshot.peers[0]).toBe(before);
    expect(stream?.getTracks()).toEqual([old.transceivers[0]?.receiver.track]);
    expect(old.signalingState).toBe('stable');

    room.connection.transceivers[0]?.receiver.track.flows();
    expect(room.snapshot.peers[0]).toBe(before);
    expect(stream?.getTracks()).toEqual([room.connection.transceivers[0]?.receiver.track]);
    await room.clock.advance(3_000);
    expect(old.signalingState).toBe('closed');
  });

  it('ends all old connections when it is closed', async () => {
    const room = new FakeRoom();
    for (let n = 0; n < 3; n++) {
      await room.joins('me', BO);
      await room.negotiates(0, 1, { 0: 'b:v' });
      if (n === 2) break;
      room.socket.drops();
      await room.clock.advance(2_000);
    }
    room.client.close();
    expect(room.connections.map(({ signalingState }) => signalingState)).toEqual(['closed', 'closed', 'closed']);
    expect(room.clock.pending).toBe(0);
  });

  it('gives sound a new stream, and a track that was away meanwhile too', async () => {
    const others: Endpoints = { b: { tracks: { 'b:a': MICROPHONE, 'b:v': CAMERA } } };
    const room = new FakeRoom();
    await room.joins('me', others);
    await room.negotiates(1, 1, { 0: 'b:a', 1: 'b:v' });
    const before = room.snapshot.peers[0]?.tracks.map(({ stream }) => stream);
    room.socket.drops();
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins('me', others);
    room.says('tracksRemoved', { endpointId: 'b', trackIds: ['b:v'] });
    room.tracksAdded('b', { 'b:v': CAMERA });
    await room.negotiates(1, 1, { 0: 'b:a', 1: 'b:v' });
    const after = room.snapshot.peers[0]?.tracks.map(({ stream }) => stream);
    expect(after?.[0]).not.toBe(before?.[0]);
    expect(after?.[1]).not.toBe(before?.[1]);
    const received = room.connection.transceivers.map(({ receiver }) => receiver.track);
    expect(after?.flatMap((stream) => stream?.getTracks())).toEqual(received);
  });

  it('drops who left meanwhile and silences voices', async () => {
    const room = new FakeRoom();
    await room.joins('me', { b: { tracks: { 'b:a': MICROPHONE } }, c: {} });
    room.says('vadNotification', { trackId: 'b:a', status: 'STATUS_SPEECH' });
    room.socket.drops();
    await settle();
    expect(room.snapshot.peers[0]?.tracks[0]?.speaking).toBe(false);
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins('me', { c: {} });
    expect(room.snapshot.peers.map(({ id, joinedOrder }) => [id, joinedOrder])).toEqual([['c', 1]]);
  });

  it('may get another peer id with a fresh token', async () => {
    const room = new FakeRoom();
    await room.joins('me');
    room.client.publish(track('video'), { metadata: CAMERA });
    await room.negotiates();
    room.socket.drops(1000, 'peer not found');
    await room.clock.advance(FIRST_RETRY_MS);
    await room.joins('other');
    expect(room.snapshot.peerId).toBe('other');
    const offer = await room.negotiates();
    expect(Object.values(offer['midToTrackId'] as object)).toEqual([expect.stringMatching(/^other:/)]);
  });
});

describe('tokens', () => {
  it('are renewed at once when the server is back and knows nothing, and only once', async () => {
    const room = new FakeRoom();
    await room.joins();
    for (let n = 0; n < 5; n++) {
      room.socket.drops();
      await room.clock.advance(6_000);
    }
    expect(room.tokens).toBe(1);
    room.socket.drops(1000, 'room not found');
    await room.clock.advance(500);
    expect(room.tokens).toBe(2);
    room.socket.drops(1000, 'room not found');
    await room.clock.advance(900);
    expect(room.tokens).toBe(2);
    await room.clock.advance(200);
    expect(room.tokens).toBe(3);
  });

  it('ends with the error of the application when that says so', async () => {
    const room = new FakeRoom();
    const full = new ClientError('room_full', 'The room is full.', false);
    room.token = () => Promise.reject(full);
    await room.clock.advance(1_000);
    expect(room.snapshot).toMatchObject({ status: 'closed' });
    expect(room.snapshot.error).toBe(full);
    expect(room.tokens).toBe(1);
  });

  it('asks again after any other failure', async () => {
    const room = new FakeRoom();
    room.token = () => {
      throw new TypeError('no network');
    };
    await room.clock.advance(FIRST_RETRY_MS);
    expect(room.tokens).toBe(2);
    room.token = () => Promise.resolve({ url: 'wss://media.test', token: 't' });
    await room.clock.advance(2_000);
    await room.joins();
    expect(room.snapshot.status).toBe('connected');
  });

  it('gives up in the end, and sooner than in a call', async () => {
    const room = new FakeRoom();
    room.token = () => Promise.reject(new Error('no network'));
    await room.clock.advance(60_000);
    expect(room.snapshot).toMatchObject({ status: 'closed', error: { code: 'token_failed', retry: true } });
    expect(room.tokens).toBe(7);
  });

  it('does not wait forever for one', async () => {
    const room = new FakeRoom();
    room.token = () => new Promise(() => undefined);
    await room.clock.advance(20_000 + FIRST_RETRY_MS);
    expect(room.tokens).toBe(2);
  });

  it('survives an address that is none', async () => {
    const room = new FakeRoom();
    room.token = () => Promise.resolve({ url: 'nonsense', token: 't' });
    await room.clock.advance(60_000);
    expect(room.snapshot).toMatchObject({ status: 'closed', error: { code: 'connection_failed' } });
  });
});

describe('a room full of people', () => {
  /** Milliseconds from the moment the server answers again until somebody whose luck is `random` is back. */
  async function returns(random: () => number, outageMs: number): Promise<number> {
    const room = new FakeRoom({ edges: { random } });
    room.session = 'one';
    await room.joins();
    room.socket.drops();
    const answersAt = room.clock.now() + outageMs;
    await anotherSocket(room);
    while (room.clock.now() < answersAt) {
      room.socket.drops();
      await anotherSocket(room);
    }
    // The server lost everything: the session, the room and the peer.
    await room.asksToResume();
    room.socket.drops(1000, 'room not found');
    await anotherSocket(room);
    await room.joins('back');
    expect(room.snapshot.status).toBe('connected');
    expect(room.tokens).toBe(2);
    return room.clock.now() - answersAt;
  }

  async function anotherSocket(room: FakeRoom): Promise<void> {
    const before = room.sockets.length;
    while (room.sockets.length === before) await room.clock.step();
  }

  it.each([1_000, 6_000, 14_900, 30_000])(
    'is back soon after an outage of %i ms, not all at once',
    async (outageMs) => {
      const people = Array.from({ length: 20 }, (_, person) => returns(randomNumbers(person), outageMs));
      const after = (await Promise.all(people)).sort((a, b) => a - b);
      expect(after[18]).toBeLessThan(2_000);
      expect((after[19] ?? 0) - (after[0] ?? 0)).toBeGreaterThan(300);
    },
  );
});

describe('a server that is away', () => {
  it('is looked for by requests, and by a socket now and then', async () => {
    let answers = false;
    const asked: string[] = [];
    const knock = (url: string): Promise<boolean> => {
      asked.push(url);
      return Promise.resolve(answers);
    };
    const room = new FakeRoom({ edges: { knock } });
    await room.joins();
    room.socket.drops();
    const refuse = async (): Promise<void> => {
      await room.clock.advance(1_000);
      if (room.socket.readyState === 0) room.socket.drops();
    };
    for (let attempt = 0; attempt < 25; attempt += 1) await refuse();
    expect(asked.length).toBeGreaterThan(15);
    expect(new Set(asked)).toEqual(new Set(['https://media.test/socket/peer/websocket']));
    expect(room.sockets.length).toBeLessThan(6);

    answers = true;
    const before = room.sockets.length;
    await room.clock.advance(2_000);
    expect(room.sockets).toHaveLength(before + 1);
    await room.joins();
    expect(room.snapshot.status).toBe('connected');
    const { length } = asked;
    room.socket.drops();
    await room.clock.advance(2_000);
    expect(asked).toHaveLength(length);
  });
});
