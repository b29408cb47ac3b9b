import { expect } from '@playwright/test';
import { askToJoin, roomOf } from '../../support/backend';
import { expectPicture } from '../../support/media';
import { test } from '../../support/test';

test('a page with the published client and our page meet in one room @both', async ({ meeting, tsClients, host }) => {
  const ana = await host.join('Ana', 'both kinds');
  const { id } = await roomOf(meeting, await ana.peerId());
  const access = await askToJoin(meeting, 'both kinds', 'Unused');
  if (!('url' in access)) throw new Error(`refused: ${access.code}`);
  const url = access.url.replace(/\/socket\/peer\/websocket$/, '');

  // A peer of another application: no server metadata, only what the client says about itself.
  const ben = await tsClients.join('Ben', { url, token: (await meeting.api.addPeer(id)).token });
  await ana.expectWith([ben.person]);
  await expectPicture(ben.videoOf(await ana.peerId()), ana.person.id, "Ana's");
  await ben.expectSeesAndHears([{ person: ana.person, peerId: await ana.peerId() }]);

  await ben.mute('microphone');
  await ana.expectTold(ben.person, 'microphone', 'off');
  await ben.leave();
  await expect(ana.tile('Ben')).toHaveCount(0);
});
