import { describe, expect, it } from 'vitest';

import { settle } from './fakes/clock';
import { track } from './fakes/media';
import { FakeRoom, type Endpoints } from './fakes/room';

const CAMERA = { type: 'camera', paused: false } as const;
const BO: Endpoints = { b: { tracks: { 'b:v': CAMERA } } };

/** More than the longest delay of a first retry. */
const FIRST_RETRY_MS = 200;

/** A room on a server that resumes sessions; media flows. The client has said three events. */
async function resumable(): Promise<FakeRoom> {
  const room = new FakeRoom();
  room.session = 'one';
  await room.joins('me', BO);
  room.client.publish(track('video'), { metadata: CAMERA });
  await room.negotiates(0, 1, { 1: 'b:v' });
  room.connection.becomes('connected');
  expect(room.socket.said).toEqual(['authRequest', 'connect', 'renegotiateTracks', 'sdpOffer']);
  return room;
}

/** The socket dies, and the client opens another one. */
async function dies(room: FakeRoom): Promise<void> {
  room.socket.drops();
  await room.clock.advance(FIRST_RETRY_MS);
}

describe('a socket that dies', () => {
  it('is replaced, and nobody notices', async () => {
    const room = await resumable();
    const before = room.snapshot;
    await dies(room);
    // `connected`, `offerData` and `sdpAnswer` have arrived.
    expect(await room.asksToResume()).toEqual({ session: 'one', received: '3' });
    room.resumes(3);
    await room.clock.advance(1_000);
    expect(room.snapshot).toBe(before);
    expect(room.socket.said).toEqual(['authRequest']);
    expect(room.sockets).toHaveLength(2);
    expect(room.connections).toHaveLength(1);
    expect(room.tokens).toBe(1);
  });

  it('takes nothing along that the client said', async () => {
    const room = await resumable();
    room.client.updateMetadata('lost on the way');
    await dies(room);
    room.client.updateMetadata('said meanwhile');
    await room.asksToResume();
    expect(room.socket.said).toEqual(['authRequest']);
    room.resumes(3);
    room.client.updateMetadata('said afterwards');
    expect(room.socket.events('updateEndpointMetadata').map(({ metadataJson }) => metadataJson)).toEqual([
      '"lost on the way"',
      '"said meanwhile"',
      '"said afterwards"',
    ]);
  });

  it('does not make the client say twice what the server has', async () => {
    const room = await resumable();
    room.client.updateMetadata('arrived');
    await dies(room);
    await room.asksToResume();
    room.resumes(4);
    expect(room.socket.said).toEqual(['authRequest']);
  });

  it('may die while what was missed is being said', async () => {
    const room = await resumable();
    room.client.updateMetadata('first');
    room.client.updateMetadata('second');
    await dies(room);
    await room.asksToResume();
    room.resumes(3);
    await dies(room);
    await room.asksToResume();
    room.resumes(4);
    expect(room.socket.events('updateEndpointMetadata')).toEqual([{ metadataJson: '"second"' }]);
    expect(room.snapshot.status).toBe('connected');
  });

  it('may take along events of the server, which come again', async () => {
    const room = await resumable();
    room.peerJoins('c');
    await dies(room);
    expect(await room.asksToResume()).toEqual({ session: 'one', received: '4' });
    room.resumes(3);
    room.peerJoins('d');
    expect(room.snapshot.peers.map(({ id }) => id)).toEqual(['b', 'c', 'd']);
    await dies(room);
    expect(await room.asksToResume()).toEqual({ session: 'one', received: '5' });
  });

  it('counts events that this version does not know', async () => {
    const room = await resumable();
    // A media event with a field from the future.
    room.socket.saysBytes(0x32, 0x04, 0xa2, 0x3f, 0x01, 0x00);
    await dies(room);
    expect(await room.asksToResume()).toEqual({ session: 'one', received: '4' });
  });

  it('is told after two seconds, and media is not', async () => {
    const room = await resumable();
    await dies(room);
    await room.clock.advance(1_700);
    expect(room.snapshot.status).toBe('connected');
    await room.clock.advance(100);
    expect(room.snapshot).toMatchObject({ status: 'reconnecting', media: 'flowing', peers: [{ id: 'b' }] });
    expect(room.snapshot.localTracks).toMatchObject([{ published: true }]);
    await room.asksToResume();
    room.resumes(3);
    expect(room.snapshot).toMatchObject({ status: 'connected', media: 'flowing' });
  });

  it('is tried again about every second for as long as the server waits', async () => {
    const room = await resumable();
    room.socket.drops();
    for (let n = 0; n < 145; n++) {
      await room.clock.advance(100);
      if (room.socket.readyState === 0) room.socket.drops();
    }
    expect(room.sockets.length).toBeGreaterThan(15);
    expect(room.sockets.length).toBeLessThan(25);
    await room.clock.advance(1_500);
    expect(await room.asksToResume()).toEqual({});
    expect(room.snapshot).toMatchObject({ status: 'reconnecting', media: 'interrupted' });
  });

  it('is not waited for when the new one hangs', async () => {
    const room = await resumable();
    await dies(room);
    await room.clock.advance(5_800);
    expect(room.sockets).toHaveLength(3);
  });

  it('ends the session when the server says why', async () => {
    const room = await resumable();
    for (const [code, reason] of [
      [1000, ''],
      [1005, ''],
      [1011, 'Internal server error'],
    ] as const) {
      room.socket.drops(code, reason);
      await room.clock.advance(1_500);
      expect(await room.asksToResume()).toEqual({});
      room.socket.says({ authenticated: { resumption: { session: 'next', keptMs: 15_000 } } });
      await room.connects('me', BO);
    }
    expect(room.snapshot.status).toBe('connected');
  });

  it('ends the session on servers that cannot resume it', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.socket.drops();
    await settle();
    expect(room.snapshot.status).toBe('reconnecting');
    await room.clock.advance(FIRST_RETRY_MS);
    expect(await room.asksToResume()).toEqual({});
  });

  it('leaves nothing behind when the call is closed meanwhile', async () => {
    const room = await resumable();
    await dies(room);
    room.client.close();
    expect(room.socket.closedWith).toBe(1_000);
    expect(room.clock.pending).toBe(0);
  });
});

describe('a session that the server forgot', () => {
  it('begins again on the same socket', async () => {
    const room = await resumable();
    await dies(room);
    await room.asksToResume();
    room.forgets();
    await settle();
    expect(room.snapshot).toMatchObject({ status: 'reconnecting', media: 'interrupted' });
    await room.connects('me', BO);
    expect(room.sockets).toHaveLength(2);
    expect(room.snapshot.status).toBe('connected');
    await room.negotiates(0, 1, { 1: 'b:v' });
    expect(room.connections).toHaveLength(2);
    expect(room.snapshot.localTracks).toMatchObject([{ published: true }]);
    await dies(room);
    expect(await room.asksToResume()).toEqual({ session: 'another', received: '3' });
  });

  it('is asked for with a fresh token when the old one is refused', async () => {
    const room = await resumable();
    await dies(room);
    await room.asksToResume();
    room.socket.drops(1000, 'peer not found');
    await room.clock.advance(500);
    expect(room.tokens).toBe(2);
  });

  it('leaves nothing behind when the call is closed at that moment', async () => {
    const room = await resumable();
    await dies(room);
    await room.asksToResume();
    room.forgets();
    room.client.close();
    await settle();
    expect(room.socket.closedWith).toBe(1_000);
    expect(room.clock.pending).toBe(0);
  });

  it('is not resumed when both sides count differently', async () => {
    const room = await resumable();
    await dies(room);
    await room.asksToResume();
    room.resumes(9);
    await room.clock.advance(750);
    expect(await room.asksToResume()).toEqual({});
  });
});

describe('the heartbeat', () => {
  it('is not shown to servers that know none', async () => {
    const room = new FakeRoom();
    await room.joins();
    await room.clock.advance(60_000);
    expect(room.socket.sent.filter((message) => 'ping' in message)).toEqual([]);
  });

  it('tells what has arrived', async () => {
    const room = await resumable();
    await room.clock.advance(3_000);
    expect(room.socket.sent.at(-1)).toEqual({ ping: { received: '3' } });
    room.peerJoins('c');
    room.socket.says({ pong: { received: '3' } });
    await room.clock.advance(3_000);
    expect(room.socket.sent.at(-1)).toEqual({ ping: { received: '4' } });
  });

  it('does not let the server keep too much', async () => {
    const room = await resumable();
    const pings = () => room.socket.sent.filter((message) => 'ping' in message);
    for (let n = 4; n < 256; n++) room.says('vadNotification', { trackId: 'b:v' });
    expect(pings()).toEqual([]);
    room.says('vadNotification', { trackId: 'b:v' });
    expect(pings()).toEqual([{ ping: { received: '256' } }]);
  });

  it('forgets what the server has', async () => {
    const room = await resumable();
    room.client.updateMetadata('arrived');
    room.socket.says({ pong: { received: '4' } });
    await dies(room);
    await room.asksToResume();
    room.resumes(4);
    expect(room.socket.said).toEqual(['authRequest']);
  });

  it('replaces a socket that says nothing, and closes it only when the new one works', async () => {
    const room = await resumable();
    const old = room.socket;
    await room.clock.advance(6_999);
    expect(room.sockets).toHaveLength(1);
    await room.clock.advance(1 + FIRST_RETRY_MS);
    await room.asksToResume();
    expect(old.closedWith).toBeUndefined();
    old.says({ serverMediaEvent: { endpointRemoved: { endpointId: 'b' } } });
    room.resumes(3);
    expect(old.closedWith).toBe(1_000);
    expect(room.snapshot).toMatchObject({ status: 'connected', peers: [{ id: 'b' }] });
  });

  it('asks at once when the network comes back or the page is shown again', async () => {
    const room = await resumable();
    room.networkIsBack();
    expect(room.socket.sent.at(-1)).toEqual({ ping: { received: '3' } });
    room.socket.says({ pong: { received: '3' } });
    await room.clock.advance(2_500);
    room.wakesUp();
    await room.clock.advance(2_000 + FIRST_RETRY_MS);
    expect(room.sockets).toHaveLength(2);
  });

  it('opens a new socket at once when the network comes back', async () => {
    const room = await resumable();
    await dies(room);
    room.socket.drops();
    room.networkIsBack();
    expect(room.sockets).toHaveLength(3);
    room.networkIsBack();
    expect(room.sockets).toHaveLength(3);
    await room.clock.advance(1_100);
    room.networkIsBack();
    expect(room.sockets).toHaveLength(4);
  });
});

describe('a computer that slept', () => {
  it('does not ask a socket that must be dead', async () => {
    const room = await resumable();
    room.wakesUp(600_000);
    await room.clock.advance(FIRST_RETRY_MS);
    await room.asksToResume();
    room.forgets();
    await settle();
    await room.connects('me', BO);
    expect(room.snapshot.status).toBe('connected');
  });

  it('comes back with a fresh token when nobody knows it any more', async () => {
    const room = await resumable();
    room.wakesUp(600_000);
    await room.clock.advance(FIRST_RETRY_MS);
    room.socket.drops(1000, 'room not found');
    await room.clock.advance(500);
    await room.joins('new', {});
    expect(room.snapshot).toMatchObject({ status: 'connected', peerId: 'new' });
    expect(room.tokens).toBe(2);
  });

  it('says that it was away when it cannot come back', async () => {
    const room = await resumable();
    room.wakesUp(600_000);
    room.token = () => Promise.reject(new Error('signed out'));
    await room.clock.advance(FIRST_RETRY_MS);
    room.socket.drops(1000, 'room not found');
    await room.clock.advance(300_000);
    expect(room.snapshot.error).toMatchObject({ code: 'away', retry: true, cause: { code: 'token_failed' } });
  });

  it('says no such thing about what happens later', async () => {
    const room = await resumable();
    room.wakesUp(600_000);
    await room.clock.advance(FIRST_RETRY_MS);
    await room.asksToResume();
    room.resumes(3);
    room.token = () => Promise.reject(new Error('signed out'));
    room.socket.drops(1000, 'room not found');
    await room.clock.advance(300_000);
    expect(room.snapshot.error).toMatchObject({ code: 'token_failed' });
  });
});

describe('a peer that was deleted', () => {
  it.each([
    ['replaced', 'replaced'],
    ['', 'removed'],
    ['something new', 'removed'],
  ])('for the reason "%s" ends with %s and does not come back', async (reason, code) => {
    const room = await resumable();
    room.socket.says({ removed: { reason } });
    room.socket.drops(1000, 'Peer removed');
    await room.clock.advance(600_000);
    expect(room.snapshot).toMatchObject({ status: 'closed', error: { code, retry: false } });
    expect(room.sockets).toHaveLength(1);
    expect(room.tokens).toBe(1);
  });

  it('while nobody heard it learns so from the next socket', async () => {
    const room = await resumable();
    await dies(room);
    await room.asksToResume();
    room.socket.says({ removed: { reason: 'replaced' } });
    room.socket.drops(1000, 'Peer removed');
    await room.clock.advance(600_000);
    expect(room.snapshot).toMatchObject({ status: 'closed', error: { code: 'replaced', retry: false } });
    expect([room.sockets.length, room.tokens]).toEqual([2, 1]);
  });
});

describe('a room that was deleted', () => {
  it.each([
    ['soon', 0],
    ['when the session is given up', 20_000],
  ])('while nobody heard it ends the call %s', async (_, later) => {
    const room = await resumable();
    await dies(room);
    await room.clock.advance(later);
    await room.asksToResume();
    room.socket.drops(1000, 'Room stopped');
    await room.clock.advance(600_000);
    expect(room.snapshot).toMatchObject({ status: 'closed', error: { code: 'room_closed', retry: false } });
    expect(room.tokens).toBe(1);
  });
});
