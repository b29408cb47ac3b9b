import { expect } from '@playwright/test';
import { spoilFirstOffer } from '../../support/broken-offer';
import { test } from '../../support/test';

test('an offer with one payload type for two codecs costs only its sender the connection', async ({
  mediaServer,
  tsClients,
}) => {
  const { api, socketUrl: url } = mediaServer;
  const { id } = await api.createRoom();
  const ana = await tsClients.join('Ana', { url, token: (await api.addPeer(id)).token });
  const ben = await tsClients.join('Ben', { url, token: (await api.addPeer(id)).token });
  await ana.expectSeesAndHears([ben]);

  const cleo = await tsClients.open('Cleo');
  await cleo.person.context.addInitScript(spoilFirstOffer);
  await cleo.person.page.reload();
  await cleo.join({ url, token: (await api.addPeer(id)).token, publish: [] });
  await cleo.startPublishing('camera');
  await expect.poll(() => cleo.closes(), { message: "Cleo's socket is closed" }).toMatchObject([{ code: 1011 }]);

  await ana.expectSeesAndHears([ben]);
  await ben.expectSeesAndHears([ana]);
  expect(await ana.closes()).toEqual([]);
  expect(await ben.closes()).toEqual([]);
});
