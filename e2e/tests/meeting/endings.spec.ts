import { expect } from '@playwright/test';
import type { MeetingPage } from '../../pages/meeting-page';
import { expectNoBarrier } from '../../support/accessibility';
import { roomOf } from '../../support/backend';
import { test } from '../../support/network';

/** Longer than the client waits before it tries again: whoever comes back by itself has come back by then. */
const SETTLED_MS = 3_000;

/** The screen stays, and the server hears nothing more of this page. */
async function expectNoReturn(person: MeetingPage, code: string): Promise<void> {
  const contacts: string[] = [];
  person.page.on('websocket', (socket) => contacts.push(socket.url()));
  const asked = person.page
    .waitForRequest((request) => request.url().includes('/join'), { timeout: SETTLED_MS })
    .then((request) => contacts.push(request.url()))
    // Time passes without a request: that is what is hoped for.
    .catch(() => undefined);
  await asked;
  expect(contacts, `${person.name} does not come back by itself`).toEqual([]);
  await person.expectFailure(code);
  await expectNoBarrier(person.page, code);
}

test('who is removed is told so, stays out, and has a way on', async ({ host, meeting }) => {
  const ana = await host.join('Ana', 'kicked');
  const ben = await host.join('Ben', 'kicked');
  await ana.expectWith([ben.person]);
  const peer = await ben.peerId();
  await meeting.api.deletePeer((await roomOf(meeting, peer)).id, peer);
  await ben.expectFailure('removed');
  await expect(ben.announcements).toHaveText('You were removed from the call');
  await expectNoReturn(ben, 'removed');
  await ana.expectWith([]);
  await ben.cure.click();
  await ben.expectState('home');
});

test('who goes on elsewhere is told so in the old place, and stays out there', async ({ host }) => {
  const ben = await host.join('Ben', 'taken over');
  const ana = await host.join('Ana', 'taken over');
  await ben.expectWith([ana.person]);
  const device = await host.person('Ana');
  await device.takeOverFrom(ana);
  await device.expectState('joined');
  await ana.expectFailure('replaced');
  await expectNoReturn(ana, 'replaced');
  await device.expectState('joined');
  await expect(ben.tile('Ana'), 'Ben sees one Ana').toHaveCount(1);
  await ben.expectWith([device.person]);
});

test('when the operator ends a room everybody is told so and stays out', async ({ host, meeting }) => {
  const ana = await host.join('Ana', 'ended');
  const ben = await host.join('Ben', 'ended');
  await ana.expectWith([ben.person]);
  await meeting.api.deleteRoom((await roomOf(meeting, await ana.peerId())).id);
  await ana.expectFailure('room_closed');
  await ben.expectFailure('room_closed');
  await expectNoReturn(ana, 'room_closed');
  await ana.cure.click();
  await ana.expectState('home');
});

test('who is cut off while the operator ends the room is told so, too', async ({ host, meeting, cable }) => {
  const ana = await host.join('Ana', 'ended unheard', { origin: cable.origin });
  const ben = await host.join('Ben', 'ended unheard');
  await ana.expectWith([ben.person]);
  cable.fallSilent();
  await meeting.api.deleteRoom((await roomOf(meeting, await ben.peerId())).id);
  await ben.expectFailure('room_closed');
  cable.cut();
  await ana.expectFailure('room_closed');
  await expectNoReturn(ana, 'room_closed');
});
