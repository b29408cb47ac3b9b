import { expect } from '@playwright/test';
import { roomOf } from '../../support/backend';
import { spoilFirstOffer } from '../../support/broken-offer';
import { test } from '../../support/test';

test('a person whose first offer crashes their connection is back without a click, and nobody else notices', async ({
  host,
}) => {
  const ana = await host.join('Ana', 'peer crash');
  const ben = await host.join('Ben', 'peer crash');
  await ana.expectWith([ben.person]);

  const cleo = await host.person('Cleo');
  await cleo.person.context.addInitScript(spoilFirstOffer);
  await cleo.openRoom('peer crash');
  const closes: string[] = [];
  cleo.page.on('websocket', (socket) => socket.on('close', () => closes.push(socket.url())));
  await cleo.join();
  await expect.poll(() => closes.length, { message: "Cleo's first connection is closed" }).toBe(1);
  await cleo.expectState('joined');
  await cleo.expectWith([ana.person, ben.person]);
  await ana.expectWith([ben.person, cleo.person]);
  await ben.expectWith([ana.person, cleo.person]);
});

test.describe('with the media server on its own', () => {
  test.use({ deployment: 'split' });

  test('a person whose connection crashes is back without a click', async ({ host, meeting }) => {
    const ana = await host.join('Ana', 'crashed peer');
    const ben = await host.join('Ben', 'crashed peer');
    await ana.expectWith([ben.person]);
    const before = await ben.peerId();
    await meeting.api.crashPeer((await roomOf(meeting, before)).id, before);
    await expect.poll(() => ben.peerId(), { message: 'Ben comes as a new peer' }).not.toBe(before);
    await ben.expectState('joined');
    await ana.expectState('joined');
    await ana.expectWith([ben.person]);
    await ben.expectWith([ana.person]);
  });

  test('people are back without a click after their room crashed', async ({ host, meeting }) => {
    const ana = await host.join('Ana', 'crashed room');
    const ben = await host.join('Ben', 'crashed room');
    const cleo = await host.join('Cleo', 'another room');
    await ana.expectWith([ben.person]);
    const before = await ana.peerId();
    await meeting.api.crashRoom((await roomOf(meeting, before)).id);
    await expect.poll(() => ana.peerId(), { message: 'Ana comes as a new peer' }).not.toBe(before);
    await ana.expectWith([ben.person]);
    await ben.expectWith([ana.person]);
    await cleo.expectState('joined');
  });

  test('people are back without a click after the media server crashed', async ({ host, meeting }) => {
    const { mediaServer } = meeting;
    if (mediaServer === null) throw new Error('in this form the media server is a process of its own');
    const ana = await host.join('Ana', 'server crash');
    const ben = await host.join('Ben', 'server crash');
    await ana.expectWith([ben.person]);

    await mediaServer.server.crash();
    await ana.expectState('reconnecting');
    await mediaServer.restart();
    await ana.expectState('joined', 30_000);
    await ben.expectState('joined', 30_000);
    await ana.expectWith([ben.person]);
    await ben.expectWith([ana.person]);
  });
});
