import { describe, expect, it } from 'vitest';

import { ClientError } from '../src';
import { settle } from './fakes/clock';
import { FakeRoom } from './fakes/room';

const CAMERA = { type: 'camera', paused: false } as const;

describe('joining', () => {
  it('authenticates, connects and knows itself', async () => {
    const room = new FakeRoom({ metadata: { name: 'Ana' } });
    expect(room.snapshot.status).toBe('connecting');
    await room.joins('me');
    expect(room.socket.url).toBe('wss://media.test/socket/peer/websocket');
    expect(room.socket.binaryType).toBe('arraybuffer');
    expect(room.socket.sent).toEqual([
      {
        authRequest: {
          token: 'token-1',
          sdkVersion: expect.stringMatching(/^web-\d+\.\d+\.\d+$/) as string,
          resume: {},
        },
      },
      { peerMediaEvent: { connect: { metadataJson: '{"name":"Ana"}', groupedStreams: true } } },
    ]);
    expect(room.snapshot).toMatchObject({ status: 'connected', peerId: 'me', peers: [], error: null });
    expect(room.snapshot.serverMetadata).toEqual({ displayName: 'Ana' });
    expect(room.connections).toHaveLength(0);
  });

  it.each([
    ['http://localhost:5002', 'ws://localhost:5002/socket/peer/websocket'],
    ['https://media.test/base/', 'wss://media.test/base/socket/peer/websocket'],
    ['wss://media.test/socket/peer/websocket', 'wss://media.test/socket/peer/websocket'],
  ])('connects for %s to %s', async (url, expected) => {
    const room = new FakeRoom();
    room.token = () => Promise.resolve({ url, token: 't' });
    await settle();
    expect(room.socket.url).toBe(expected);
  });

  it('finds others with both kinds of metadata and their tracks', async () => {
    const room = new FakeRoom();
    await room.joins('me', { b: { metadata: { name: 'Bo' }, tracks: { 'b:1': CAMERA, 'b:2': null } } });
    expect(room.snapshot.peers).toEqual([
      {
        id: 'b',
        metadata: { name: 'Bo' },
        serverMetadata: { displayName: 'Ana' },
        joinedOrder: 0,
        tracks: [
          { id: 'b:1', kind: 'video', metadata: CAMERA, stream: null, speaking: false, silent: false },
          { id: 'b:2', kind: 'video', metadata: null, stream: null, speaking: false, silent: false },
        ],
      },
    ]);
  });

  it('reads metadata that is no JSON, or of another shape, as null', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.says('endpointAdded', { endpointId: 'b', metadataJson: '{' });
    room.says('tracksAdded', {
      endpointId: 'b',
      trackIdToTrack: { x: { metadataJson: 'nonsense' }, y: { metadataJson: '{"type":"hologram"}' } },
    });
    expect(room.snapshot.peers[0]).toMatchObject({ metadata: null, serverMetadata: null });
    expect(room.snapshot.peers[0]?.tracks.map(({ metadata }) => metadata)).toEqual([null, null]);
  });

  it('ignores what comes before it is in the room', async () => {
    const room = new FakeRoom();
    await room.authenticates();
    room.peerJoins('early');
    expect(room.snapshot.peers).toEqual([]);
  });

  it('skips events it does not know and reports frames that are no messages', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.socket.saysBytes(0x32, 0x05, 0xfa, 0x3f, 0x02, 0x08, 0x01);
    expect(room.notices).toEqual([]);
    room.socket.saysBytes(0xff, 0xff);
    expect(room.notices).toEqual([{ code: 'ignored', message: expect.any(String) as string }]);
    expect(room.snapshot.status).toBe('connected');
  });

  it('passes on what the server refuses, by the local handle', async () => {
    const room = new FakeRoom();
    await room.joins();
    room.says('refused', { code: 'track_limit', message: 'No more tracks.' });
    expect(room.notices).toEqual([{ code: 'refused', message: 'No more tracks.' }]);
  });

  it('sends metadata that changed during the handshake', async () => {
    const room = new FakeRoom({ metadata: 'old' });
    await room.authenticates();
    room.client.updateMetadata('new');
    room.says('connected', { endpointId: 'me', endpointIdToEndpoint: { me: {} } });
    expect(room.socket.events('updateEndpointMetadata')).toEqual([{ metadataJson: '"new"' }]);
  });

  it('refuses metadata that is too large before it is sent', async () => {
    const huge = 'x'.repeat(70_000);
    const refused = new FakeRoom({ metadata: huge });
    expect(refused.snapshot).toMatchObject({ status: 'closed', error: { code: 'metadata_too_large' } });
    const room = new FakeRoom();
    await room.joins();
    expect(() => room.client.updateMetadata(huge)).toThrow(ClientError);
    expect(room.socket.events('updateEndpointMetadata')).toEqual([]);
  });

  it('passes the servers for ICE on, except those without an address', async () => {
    const room = new FakeRoom();
    await room.authenticates();
    room.says('connected', {
      endpointId: 'me',
      iceServers: [{ urls: [] }, { urls: ['turn:t.test'], username: 'u', credential: 'c' }],
    });
    await room.asksForOffer(1, 0);
    expect(room.connection.config).toEqual({
      bundlePolicy: 'max-bundle',
      iceServers: [{ urls: ['turn:t.test'], username: 'u', credential: 'c' }],
    });
  });

  it('leaves with a normal close, once, and says nothing more', async () => {
    const room = new FakeRoom();
    await room.joins();
    await room.negotiates(1, 0);
    room.client.close();
    room.client.close();
    expect(room.socket.closedWith).toBe(1000);
    expect(room.connection.signalingState).toBe('closed');
    expect(room.snapshot).toMatchObject({ status: 'closed', error: null, peers: [], localTracks: [] });
    expect(room.clock.pending).toBe(0);
    room.networkIsBack();
    await room.clock.advance(600_000);
    expect(room.sockets).toHaveLength(1);
  });

  it('leaves while it waits for a token', async () => {
    const room = new FakeRoom();
    room.client.close();
    await settle();
    expect(room.sockets).toHaveLength(0);
    expect(room.snapshot).toMatchObject({ status: 'closed', error: null });
  });
});
