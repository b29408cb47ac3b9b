import { expect } from '@playwright/test';
import { limitRoom } from '../../support/backend';
import { test } from '../../support/test';

test('comings, goings, the own devices and the end of a call are read out @both', async ({ host }) => {
  const ana = await host.join('Ana', 'read out');
  await expect(ana.announcements).toHaveText('You are in the room, alone');
  await expect(ana.announcements).toHaveAttribute('aria-live', 'polite');

  const ben = await host.join('Ben', 'read out');
  await expect(ana.announcements).toHaveText('Ben joined');
  await expect(ben.announcements).toHaveText('You are in the room with 1 other');

  await ana.turnOff('microphone');
  await expect(ana.announcements).toHaveText('Microphone off');
  await ana.turnOff('camera');
  await expect(ana.announcements).toHaveText('Camera off');

  await ben.leaveButton.click();
  await expect(ana.announcements).toHaveText('Ben left');
  await expect(ben.announcements).toHaveText('You left the call');
});

test('an error is read out and has the focus', async ({ host, meeting }) => {
  await limitRoom(meeting, 'no place', 0);
  const ana = await host.atDoor('Ana', 'no place');
  await ana.join();
  await ana.expectFailure('room_full');
  await expect(ana.announcements).toHaveText('This room is full');
  await expect(ana.page.getByRole('heading', { name: 'This room is full' })).toBeFocused();
});
