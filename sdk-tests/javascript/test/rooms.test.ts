import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  BadRequestException,
  FishjamNotFoundException,
  MissingFishjamIdException,
  FishjamClient,
  PeerNotFoundException,
  PeerStatus,
  type PeerId,
  type RoomId,
  RoomNotFoundException,
  RoomType,
  ServiceUnavailableException,
  type TrackId,
  UnauthorizedException,
  UnknownException,
  VideoCodec,
} from '@fishjam-cloud/js-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Ledger } from '../ledger';
import { eventually, Peer, Server } from '../support';

let server: Server;
let client: FishjamClient;
const ledger = new Ledger();

beforeAll(async () => {
  server = await Server.start();
  client = ledger.watch(server.client());
});

afterEach(async () => {
  await server.endPeers();
  for (const room of await client.getAllRooms()) await client.deleteRoom(room.id);
});

afterAll(() => server.stop());

const UNKNOWN = [
  'invalid_id',
  randomUUID(),
  'da2e-4a75-95ff-776bad2caf04-666973686a616d4031302e302e302e31',
] as RoomId[];
const NOBODY = 'invalid_peer_id' as PeerId;

describe('rooms', () => {
  it('have the defaults of their generation', async () => {
    const room = await client.createRoom();
    expect(room.config).toMatchObject({
      maxPeers: 0,
      videoCodec: VideoCodec.H264,
      roomType: RoomType.Conference,
      public: false,
    });
    expect(room.peers).toEqual([]);
    expect(await client.getRoom(room.id)).toEqual(room);
    expect(await client.getAllRooms()).toEqual([room]);
  });

  it('keep their options', async () => {
    const room = await client.createRoom({ maxPeers: 5, videoCodec: VideoCodec.Vp8, roomType: RoomType.AudioOnly });
    expect(room.config).toMatchObject({ maxPeers: 5, videoCodec: VideoCodec.Vp8, roomType: RoomType.AudioOnly });
  });

  it('refuse wrong options', async () => {
    await expect(client.createRoom({ maxPeers: 'nan' as unknown as number })).rejects.toThrow(BadRequestException);
    await expect(client.createRoom({ webhookUrl: 'nan' })).rejects.toMatchObject({
      statusCode: 400,
      details: 'Expected webhookUrl to be valid URL, got: nan',
    });
  });

  it('are gone when deleted', async () => {
    const room = await client.createRoom();
    await client.deleteRoom(room.id);
    expect(await client.getAllRooms()).toEqual([]);
    await expect(client.getRoom(room.id)).rejects.toMatchObject({
      statusCode: 404,
      details: `Room ${room.id} does not exist`,
    });
  });

  it('are refused by a full server', async () => {
    const small = await Server.start(['--max-rooms', '1']);
    try {
      await small.client().createRoom();
      await expect(ledger.watch(small.client()).createRoom()).rejects.toThrow(ServiceUnavailableException);
    } finally {
      await small.stop();
    }
  });

  it.each(UNKNOWN)('that do not exist are not found: %s', async (id) => {
    await expect(client.getRoom(id)).rejects.toThrow(RoomNotFoundException);
    await expect(client.deleteRoom(id)).rejects.toThrow(RoomNotFoundException);
    await expect(client.createPeer(id)).rejects.toThrow(FishjamNotFoundException);
    await expect(client.deletePeer(id, NOBODY)).rejects.toThrow(PeerNotFoundException);
    await expect(client.refreshPeerToken(id, NOBODY)).rejects.toThrow(PeerNotFoundException);
    await expect(client.subscribePeer(id, NOBODY, NOBODY)).rejects.toThrow(PeerNotFoundException);
    await expect(client.subscribeTracks(id, NOBODY, ['t' as TrackId])).rejects.toThrow(PeerNotFoundException);
    await expect(client.createAgent(id)).rejects.toThrow(FishjamNotFoundException);
    await expect(client.createLivestreamViewerToken(id)).rejects.toThrow(FishjamNotFoundException);
    await expect(client.createLivestreamStreamerToken(id)).rejects.toThrow(FishjamNotFoundException);
  });
});

describe('peers', () => {
  it('wait for their client', async () => {
    const room = await client.createRoom();
    const { peer, peerToken } = await client.createPeer(room.id, {
      metadata: { name: 'Ana' },
      subscribeMode: 'manual',
    });
    expect(peerToken).not.toBe('');
    expect(peer).toMatchObject({
      type: 'webrtc',
      status: PeerStatus.Disconnected,
      tracks: [],
      subscribeMode: 'manual',
    });
    expect(peer.metadata).toEqual({ peer: {}, server: { name: 'Ana' } });
    expect(peer.subscriptions).toEqual({ peers: [], tracks: [] });
    expect((await client.getRoom(room.id)).peers).toEqual([peer]);
  });

  it('connect with their token, also a refreshed one', async () => {
    const room = await client.createRoom({ videoCodec: VideoCodec.Vp8 });
    const { peer, peerToken } = await client.createPeer(room.id);
    const fresh = await client.refreshPeerToken(room.id, peer.id);
    expect(fresh).not.toBe(peerToken);
    const joined = await Peer.join(server, fresh, { name: 'Ana' });
    expect(joined.id).toBe(peer.id);
    const track = await joined.publish('video', { type: 'camera' });
    const [seen] = await eventually('the track', async () => {
      const { peers } = await client.getRoom(room.id);
      return peers[0]?.tracks.length === 1 && peers;
    });
    expect(seen).toMatchObject({ status: PeerStatus.Connected, metadata: { peer: { name: 'Ana' }, server: {} } });
    expect(seen?.tracks).toEqual([{ id: track, type: 'video', metadata: { type: 'camera' } }]);
  });

  it('refuse wrong options', async () => {
    const room = await client.createRoom();
    const { peer } = await client.createPeer(room.id);
    const wrong = { subscribeMode: 'sometimes' as 'manual' };
    await expect(client.createPeer(room.id, wrong)).rejects.toThrow(BadRequestException);
    await expect(client.subscribePeer(room.id, peer.id, undefined as unknown as PeerId)).rejects.toThrow(
      BadRequestException,
    );
    await expect(client.subscribeTracks(room.id, peer.id, [5 as unknown as TrackId])).rejects.toMatchObject({
      statusCode: 400,
      details: 'Invalid request body structure',
    });
  });

  it('are gone when deleted', async () => {
    const room = await client.createRoom();
    const { peer, peerToken } = await client.createPeer(room.id);
    const joined = await Peer.join(server, peerToken, null);
    await client.deletePeer(room.id, peer.id);
    expect(await joined.closed()).toEqual({ code: 1000, reason: 'Peer removed' });
    await expect(client.deletePeer(room.id, peer.id)).rejects.toThrow(PeerNotFoundException);
    await expect(client.refreshPeerToken(room.id, peer.id)).rejects.toThrow(PeerNotFoundException);
  });

  it('are as many as a room takes', async () => {
    const room = await client.createRoom({ maxPeers: 1 });
    await client.createPeer(room.id);
    // This SDK has no class for 409.
    const refused = client.createPeer(room.id);
    await expect(refused).rejects.toThrow(UnknownException);
    await expect(refused).rejects.toMatchObject({
      statusCode: 409,
      details: `Reached webrtc peers limit in room ${room.id}`,
    });
  });

  it('subscribe by hand', async () => {
    const room = await client.createRoom({ videoCodec: VideoCodec.Vp8 });
    const publisher = await client.createPeer(room.id);
    const joined = await Peer.join(server, publisher.peerToken, null);
    const track = (await joined.publish('video', null)) as TrackId;
    const { peer } = await client.createPeer(room.id, { subscribeMode: 'manual' });
    await client.subscribePeer(room.id, peer.id, publisher.peer.id);
    await client.subscribeTracks(room.id, peer.id, [track]);
    const seen = (await client.getRoom(room.id)).peers.find(({ id }) => id === peer.id);
    expect(seen?.subscriptions).toEqual({ peers: [publisher.peer.id], tracks: [track] });
    await expect(client.subscribePeer(room.id, NOBODY, peer.id)).rejects.toThrow(PeerNotFoundException);
    await expect(client.subscribeTracks(room.id, NOBODY, [track])).rejects.toThrow(PeerNotFoundException);
  });
});

describe('credentials', () => {
  it('must be right', async () => {
    const wrong = ledger.watch(server.client('wrong'));
    const room = 'r' as RoomId;
    for (const call of [
      () => wrong.createRoom(),
      () => wrong.getAllRooms(),
      () => wrong.getRoom(room),
      () => wrong.deleteRoom(room),
      () => wrong.createPeer(room),
      () => wrong.deletePeer(room, NOBODY),
      () => wrong.refreshPeerToken(room, NOBODY),
      () => wrong.subscribePeer(room, NOBODY, NOBODY),
      () => wrong.subscribeTracks(room, NOBODY, []),
      () => wrong.createAgent(room),
      () => wrong.createLivestreamViewerToken(room),
      () => wrong.createLivestreamStreamerToken(room),
    ]) {
      await expect(call()).rejects.toThrow(UnauthorizedException);
    }
    const nameless = Promise.resolve().then(() => new FishjamClient({ fishjamId: '', managementToken: '' }));
    const error: unknown = await nameless.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(MissingFishjamIdException);
    ledger.meet(error);
  });

  it('for streams are not given out', async () => {
    const conference = await client.createRoom();
    await expect(client.createLivestreamViewerToken(conference.id)).rejects.toMatchObject({ statusCode: 404 });
    await expect(client.createLivestreamStreamerToken(conference.id)).rejects.toMatchObject({ statusCode: 404 });
    const room = await client.createRoom({ roomType: RoomType.Livestream });
    await expect(client.createLivestreamViewerToken(room.id)).rejects.toThrow(BadRequestException);
    await expect(client.createLivestreamStreamerToken(room.id)).rejects.toThrow(BadRequestException);
    await expect(client.createAgent(room.id)).rejects.toThrow(BadRequestException);
  });
});

describe('the page about our own SDK', () => {
  it('has a counterpart of every call', async () => {
    const page = await readFile(new URL('../../../docs/server-sdk.md', import.meta.url), 'utf8');
    expect(Ledger.offered().filter((name) => !page.includes(`\`${name}(`))).toEqual([]);
  });
});

describe('the tests above', () => {
  it('have made every call', () => {
    expect(ledger.notCalled()).toEqual([]);
  });

  it('have met every exception that a call can end with', () => {
    expect(ledger.notMetByCalls()).toEqual([]);
  });

  it('have met every exception but the one that the SDK itself never throws', () => {
    expect(ledger.notMet()).toEqual(['ForbiddenException']);
  });
});
