import { describe, expect, it } from 'vitest';

import { CYCLE_TIMEOUT_MS } from '../src/negotiation/negotiator';
import { TaskQueue } from '../src/negotiation/queue';
import { settle } from './fakes/clock';
import { track } from './fakes/media';
import { FakeRoom } from './fakes/room';

const CAMERA = { type: 'camera', paused: false } as const;
const MICROPHONE = { type: 'microphone', paused: false } as const;

describe('receiving', () => {
  it('adds lines up to the totals and finds tracks by the map of the answer', async () => {
    const room = new FakeRoom();
    await room.joins('me', { b: {} });
    room.tracksAdded('b', { 'b:a': MICROPHONE, 'b:v': CAMERA });
    const offer = await room.asksForOffer(1, 2);
    expect(offer).toEqual({ sdp: 'audio recvonly, video recvonly, video recvonly' });
    await room.answers({ 0: 'b:a', 2: 'b:v' });
    const tracks = room.snapshot.peers[0]?.tracks ?? [];
    const { transceivers } = room.connection;
    expect(tracks.map(({ kind }) => kind)).toEqual(['audio', 'video']);
    expect(tracks[0]?.stream?.getTracks()).toEqual([transceivers[0]?.receiver.track]);
    expect(tracks[1]?.stream?.getTracks()).toEqual([transceivers[2]?.receiver.track]);
    // Totals include the lines that are there.
    expect((await room.asksForOffer(2, 2))['sdp']).toBe(
      'audio recvonly, video recvonly, video recvonly, audio recvonly',
    );
  });

  it('keeps the stream of a track over cycles of others', async () => {
    const room = new FakeRoom();
    await room.joins('me', { b: { tracks: { 'b:v': CAMERA } } });
    await room.negotiates(0, 1, { 0: 'b:v' });
    const before = room.snapshot.peers[0];
    expect(before?.tracks[0]?.stream).not.toBeNull();
    room.peerJoins('c');
    room.tracksAdded('c', { 'c:v': CAMERA });
    await room.negotiates(0, 2, { 0: 'b:v', 1: 'c:v' });
    expect(room.snapshot.peers[0]).toBe(before);
    expect(room.snapshot.peers[1]?.tracks[0]?.stream).not.toBe(before?.tracks[0]?.stream);
  });

  it('gives another track on a recycled line a stream of its own', async () => {
    const room = new FakeRoom();
    await room.joins('me', { b: { tracks: { 'b:v': CAMERA } } });
    await room.negotiates(0, 1, { 0: 'b:v' });
    const old = room.snapshot.peers[0]?.tracks[0]?.stream;
    room.says('tracksRemoved', { endpointId: 'b', trackIds: ['b:v'] });
    room.tracksAdded('b', { 'b:s': { type: 'screenShareVideo', paused: false } });
    await room.negotiates(0, 1, { 0: 'b:s' });
    const next = room.snapshot.peers[0]?.tracks[0];
    expect(next?.id).toBe('b:s');
    expect(next?.stream).not.toBe(old);
    expect(next?.stream?.getTracks()).toEqual([room.connection.transceivers[0]?.receiver.track]);
  });

  it('shows who comes, speaks, mutes and goes', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.peerJoins('b', { name: 'Bo' });
    room.tracksAdded('b', { 'b:a': MICROPHONE });
    await room.negotiates(1, 0, { 0: 'b:a' });
    room.says('vadNotification', { trackId: 'b:a', status: 'STATUS_SPEECH' });
    expect(room.snapshot.peers[0]?.tracks[0]?.speaking).toBe(true);
    room.says('vadNotification', { trackId: 'b:a', status: 'STATUS_SILENCE' });
    expect(room.snapshot.peers[0]?.tracks[0]?.speaking).toBe(false);
    const metadataJson = JSON.stringify({ ...MICROPHONE, paused: true });
    room.says('trackUpdated', { endpointId: 'b', trackId: 'b:a', metadataJson });
    expect(room.snapshot.peers[0]?.tracks[0]?.metadata?.paused).toBe(true);
    room.says('tracksRemoved', { endpointId: 'b', trackIds: ['b:a'] });
    expect(room.snapshot.peers[0]?.tracks).toEqual([]);
    room.says('endpointRemoved', { endpointId: 'b' });
    expect(room.snapshot.peers).toEqual([]);
  });
});

describe('negotiating', () => {
  it('trickles candidates both ways, without the empty one, and survives a bad one', async () => {
    const room = new FakeRoom();
    await room.joins();
    await room.negotiates(1, 0);
    const { connection } = room;
    const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'uf' };
    connection.onicecandidate?.({ candidate: candidate as RTCIceCandidate });
    connection.onicecandidate?.({ candidate: { ...candidate, candidate: '' } as RTCIceCandidate });
    connection.onicecandidate?.({ candidate: null });
    expect(room.socket.events('candidate')).toEqual([
      { candidate: 'candidate:1', sdpMid: '0', usernameFragment: 'uf' },
    ]);
    for (const text of ['bad', '', 'candidate:2']) room.says('candidate', { candidate: text, sdpMid: '0' });
    await settle();
    expect(connection.candidates).toEqual([
      { candidate: 'candidate:2', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null },
    ]);
    expect(room.notices).toHaveLength(1);
    expect(room.snapshot.status).toBe('connected');
  });

  it('handles what arrives in one go in order', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.says('offerData', { tracksTypes: { audio: 1 } });
    room.says('offerData', { tracksTypes: { audio: 2 } });
    await settle();
    expect(room.socket.events('sdpOffer').map(({ sdp }) => sdp)).toEqual([
      'audio recvonly',
      'audio recvonly, audio recvonly',
    ]);
  });

  it('ignores an answer without an offer', async () => {
    const room = new FakeRoom();
    await room.joins();
    await room.answers({});
    await room.negotiates(1, 0);
    await room.answers({});
    expect(room.notices.map(({ code }) => code)).toEqual(['ignored', 'ignored']);
    expect(room.snapshot.status).toBe('connected');
  });

  it('starts over when an answer cannot be applied', async () => {
    const room = new FakeRoom();
    await room.joins();
    await room.asksForOffer(1, 0);
    room.connection.refuseAnswer = true;
    await room.answers({});
    expect(room.snapshot.status).toBe('reconnecting');
    expect(room.socket.closedWith).toBe(1000);
  });

  it('starts over when no answer comes', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.client.publish(track('audio'), { metadata: MICROPHONE });
    await room.clock.advance(CYCLE_TIMEOUT_MS - 1);
    expect(room.snapshot.status).toBe('connected');
    await room.clock.advance(2);
    expect(room.snapshot.status).toBe('reconnecting');
  });
});

describe('the task queue', () => {
  it('runs one task at a time and stops at the first failure', async () => {
    const log: string[] = [];
    const queue = new TaskQueue((error) => log.push(`failed: ${String(error)}`));
    queue.push(async () => {
      log.push('first begins');
      await settle();
      log.push('first ends');
    });
    queue.push(() => {
      log.push('second');
      return Promise.reject(new Error('no'));
    });
    queue.push(() => Promise.resolve(void log.push('third')));
    await settle();
    await settle();
    await settle();
    expect(log).toEqual(['first begins', 'first ends', 'second', 'failed: Error: no']);
  });
});
