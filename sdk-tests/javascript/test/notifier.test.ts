import { FishjamWSNotifier, type FishjamClient } from '@fishjam-cloud/js-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NOTIFICATIONS } from '../ledger';
import { Heard, Peer, Server } from '../support';

let server: Server;
let client: FishjamClient;
let heard: Heard;

beforeAll(async () => {
  server = await Server.start();
  client = server.client();
  heard = await Heard.from(server);
});

afterEach(() => server.endPeers());

afterAll(() => server.stop());

const JOINED = ['roomCreated', 'peerAdded', 'peerConnected', 'peerMetadataUpdated'];

describe('the notifier', () => {
  it('tells of a room and its peer from creation to end', async () => {
    const room = await client.createRoom();
    const { peer, peerToken } = await client.createPeer(room.id);
    const joined = await Peer.join(server, peerToken, { name: 'Ana' });
    const track = await joined.publish('audio', { type: 'microphone' });
    await joined.updateTrack(track, { type: 'microphone', paused: true });
    await joined.unpublish(track);
    const middle = [...JOINED, 'trackAdded', 'trackMetadataUpdated', 'trackRemoved'];
    expect(await heard.expect(room.id, middle.length)).toEqual(middle);
    joined.leave();
    expect(await heard.expect(room.id, middle.length + 1)).toEqual([...middle, 'peerDisconnected']);
    await client.deletePeer(room.id, peer.id);
    await client.deleteRoom(room.id);
    expect(await heard.expect(room.id, middle.length + 3)).toEqual([
      ...middle,
      'peerDisconnected',
      'peerDeleted',
      'roomDeleted',
    ]);

    for (const { name, message } of heard.of(room.id).filter(({ name }) => name.startsWith('peer'))) {
      expect([message['peerId'], message['peerType']], name).toEqual([peer.id, 1]);
    }
    const added = heard.of(room.id).find(({ name }) => name === 'trackAdded');
    expect(added?.message).toMatchObject({
      peerId: peer.id,
      track: { id: track, type: 2, metadata: '{"type":"microphone"}' },
    });
  });

  it('tells that peers are disconnected when their room is deleted', async () => {
    const room = await client.createRoom();
    await Peer.join(server, (await client.createPeer(room.id)).peerToken, null);
    await heard.expect(room.id, JOINED.length);
    await client.deleteRoom(room.id);
    const all = [...JOINED, 'peerDisconnected', 'peerDeleted', 'roomDeleted'];
    expect(await heard.expect(room.id, all.length)).toEqual(all);
  });

  it('tells of crashes', async () => {
    const room = await client.createRoom();
    const { peer, peerToken } = await client.createPeer(room.id);
    await Peer.join(server, peerToken, null);
    await heard.expect(room.id, JOINED.length);
    await server.crash(room.id, peer.id);
    expect(await heard.expect(room.id, JOINED.length + 1)).toEqual([...JOINED, 'peerCrashed']);
    await server.crash(room.id);
    expect(await heard.expect(room.id, JOINED.length + 2)).toEqual([...JOINED, 'peerCrashed', 'roomCrashed']);
  });

  it('is closed with a wrong token', async () => {
    const closed = await new Promise((resolve) => {
      const config = { fishjamId: server.url, managementToken: 'wrong' };
      new FishjamWSNotifier(
        config,
        () => undefined,
        (code, reason) => resolve([code, reason]),
      );
    });
    expect(closed).toEqual([1000, 'invalid token']);
  });

  it('has told everything that it can, but for what has a reason', () => {
    const absent = Object.entries(NOTIFICATIONS).filter(([, reason]) => reason !== 'comes');
    expect(heard.never()).toEqual(absent.map(([name]) => name));
  });
});
