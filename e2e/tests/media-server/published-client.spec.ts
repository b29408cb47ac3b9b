import { expect } from '@playwright/test';
import type { Entrance, TsClientUser } from '../../pages/ts-client-host';
import type { MediaServer } from '../../support/servers';
import { expectPicture, expectVoices } from '../../support/media';
import { test } from '../../support/test';
import { twoPeersByScript } from '../../support/two-peers';

/** A new place in the room. */
async function entrance(server: MediaServer, roomId: string): Promise<Entrance> {
  const { token } = await server.api.addPeer(roomId);
  return { url: server.socketUrl, token };
}

async function expectTogether(ana: TsClientUser, ben: TsClientUser): Promise<void> {
  await ana.expectSeesAndHears([ben]);
  await ben.expectSeesAndHears([ana]);
}

test('two pages exchange sound and picture @both', async ({ mediaServer, tsClients }) => {
  const url = mediaServer.socketUrl;
  const [first, second] = await twoPeersByScript(mediaServer.api);
  const ana = await tsClients.join('Ana', { url, token: first.token });
  const ben = await tsClients.join('Ben', { url, token: second.token });
  expect([ana.peerId, ben.peerId]).toEqual([first.id, second.id]);
  await expectTogether(ana, ben);
});

test('a page in Chromium and a page in Firefox exchange sound and picture', async ({ mediaServer, tsClients }) => {
  const { id } = await mediaServer.api.createRoom();
  const ana = await tsClients.join('Ana', { ...(await entrance(mediaServer, id)), browserName: 'chromium' });
  const ben = await tsClients.join('Ben', { ...(await entrance(mediaServer, id)), browserName: 'firefox' });
  await expectTogether(ana, ben);
});

test('somebody joins late, leaves, and is seen to do so @both', async ({ mediaServer, tsClients }) => {
  const { id } = await mediaServer.api.createRoom();
  const ana = await tsClients.join('Ana', await entrance(mediaServer, id));
  const ben = await tsClients.join('Ben', await entrance(mediaServer, id));
  await expectTogether(ana, ben);

  const cleo = await tsClients.join('Cleo', await entrance(mediaServer, id));
  await cleo.expectSeesAndHears([ana, ben]);
  await ana.expectSeesAndHears([ben, cleo]);

  await ben.leave();
  await ana.expectSeesAndHears([cleo]);
  await cleo.expectSeesAndHears([ana]);
  await expect.poll(() => ana.events(), { message: 'her client says so' }).toContain('peerLeft');
  await expect
    .poll(async () => (await mediaServer.api.room(id))?.peers.find((peer) => peer.id === ben.peerId)?.status, {
      message: 'the REST API says that Ben is gone',
    })
    .toBe('disconnected');
});

test('muting and unmuting reach the other page @both', async ({ mediaServer, tsClients }) => {
  const { id } = await mediaServer.api.createRoom();
  const ana = await tsClients.join('Ana', await entrance(mediaServer, id));
  const ben = await tsClients.join('Ben', await entrance(mediaServer, id));
  await expectTogether(ana, ben);
  const microphone = async (): Promise<unknown> =>
    (await ben.peers())
      .flatMap(({ tracks }) => tracks)
      .map(({ metadata }) => metadata)
      .find((metadata) => (metadata as { type: string }).type === 'microphone');

  await ana.mute('microphone');
  await expectVoices(ben.person.page, [], "at Ben's after Ana muted herself");
  await expect.poll(microphone, { message: 'Ben is told' }).toEqual({ type: 'microphone', paused: true });

  await ana.unmute('microphone');
  await expectVoices(ben.person.page, [ana.person.id], "at Ben's after Ana unmuted herself");
  await expect.poll(microphone, { message: 'Ben is told' }).toEqual({ type: 'microphone', paused: false });

  await ana.mute('camera');
  await ana.unmute('camera');
  await expectPicture(ben.videoOf(ana.peerId), ana.person.id, "Ana's");
});

test('a removed track goes and a new one takes its place @both', async ({ mediaServer, tsClients }) => {
  const { id } = await mediaServer.api.createRoom();
  const ana = await tsClients.join('Ana', await entrance(mediaServer, id));
  const ben = await tsClients.join('Ben', await entrance(mediaServer, id));
  await expectTogether(ana, ben);

  await ana.unpublish('camera');
  await expect(ben.videoOf(ana.peerId), "Ana's picture is gone").toHaveCount(0);
  await expect
    .poll(async () => (await mediaServer.api.room(id))?.peers.find((peer) => peer.id === ana.peerId)?.tracks.length, {
      message: 'the REST API lists one track less',
    })
    .toBe(1);
  await expectVoices(ben.person.page, [ana.person.id], "at Ben's without Ana's picture");

  await ana.publish('camera');
  await expectTogether(ana, ben);
});

test('metadata of a peer reaches the others and the REST API', async ({ mediaServer, tsClients }) => {
  const { id } = await mediaServer.api.createRoom();
  const ana = await tsClients.join('Ana', await entrance(mediaServer, id));
  const ben = await tsClients.join('Ben', await entrance(mediaServer, id));
  const shown = async (): Promise<unknown> => (await ben.peers()).find((peer) => peer.id === ana.peerId)?.metadata;
  await expect.poll(shown).toMatchObject({ peer: { displayName: 'Ana' } });

  await ana.rename('Anastasia');
  await expect.poll(shown, { message: 'Ben sees the new name' }).toMatchObject({ peer: { displayName: 'Anastasia' } });
  await expect.poll(() => ben.events(), { message: 'his client says so' }).toContain('peerUpdated');
});
