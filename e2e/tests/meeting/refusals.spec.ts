import { expect } from '@playwright/test';
import { askToJoin, limitRoom } from '../../support/backend';
import { test } from '../../support/test';

test('a full room says so, and lets in as soon as somebody left @both', async ({ host, meeting }) => {
  await limitRoom(meeting, 'small', 1);
  const ana = await host.join('Ana', 'small');
  const ben = await host.atDoor('Ben', 'small');
  await ben.join();
  await ben.expectFailure('room_full');
  await ana.expectWith([]);

  await ana.leaveButton.click();
  await ana.expectState('left');
  await expect(async () => {
    await ben.cure.click();
    await ben.expectState('joined', 2_000);
  }, 'the cure of a full room works once there is a place').toPass({ timeout: 40_000 });
});

test('a room name that cannot be is refused with a way out', async ({ host, meeting }) => {
  const ana = await host.person('Ana');
  await ana.openRoom('no/slashes*');
  await ana.expectFailure('invalid_room_name');
  await ana.cure.click();
  await ana.expectState('home');
  expect(await askToJoin(meeting, 'no/slashes*', 'Ana')).toEqual({ status: 400, code: 'invalid_room_name' });
});

test('nobody joins without a name', async ({ host, meeting }) => {
  const ana = await host.atDoor('Ana', 'nameless');
  await ana.nameField.fill('   ');
  await ana.nameField.press('Enter');
  await ana.expectState('prejoin');
  expect(await askToJoin(meeting, 'nameless', '   ')).toEqual({ status: 400, code: 'invalid_name' });
  expect(await meeting.api.rooms(), 'no room was made').toEqual([]);
  await ana.join();
  await ana.expectState('joined');
});

test.describe('without a media server', () => {
  test.use({ deployment: 'split' });

  test('the page says that calls do not work at the moment', async ({ host, meeting }) => {
    await meeting.mediaServer?.server.crash();
    const ana = await host.atDoor('Ana', 'down');
    await ana.join();
    await ana.expectFailure('media_server_unavailable');
    await meeting.mediaServer?.restart();
    await ana.cure.click();
    await ana.expectState('joined');
  });
});
