import { expect, type Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { expectNoBarrier } from '../../support/accessibility';
import { limitRoom } from '../../support/backend';
import { test } from '../../support/test';

const pictures = fileURLToPath(new URL('../../screenshots', import.meta.url));

/** Nothing on the screen keeps anybody out; outside CI a picture of it is kept for looking at. */
async function expectAccessible(page: Page, screen: string): Promise<void> {
  if (process.env['CI'] === undefined) await page.screenshot({ path: `${pictures}/${screen}.png` });
  await expectNoBarrier(page, screen);
}

test('every screen is accessible', async ({ host, meeting }) => {
  const ana = await host.person('Ana');
  await ana.openHome();
  await ana.expectState('home');
  await expectAccessible(ana.page, 'home');

  await ana.openRoom('Screens');
  await ana.expectState('prejoin');
  await expectAccessible(ana.page, 'prejoin');

  await ana.join();
  await ana.expectState('joined');
  await expectAccessible(ana.page, 'alone');

  const ben = await host.join('Ben', 'Screens');
  await ana.expectWith([ben.person]);
  await expectAccessible(ana.page, 'room');
  await ben.turnOff('camera');
  await ben.turnOff('microphone');
  await ana.expectTold(ben.person, 'camera', 'off');
  await expectAccessible(ana.page, 'room-muted');

  await ana.leaveButton.click();
  await ana.expectState('left');
  await expectAccessible(ana.page, 'left');

  await limitRoom(meeting, 'no place', 0);
  await ben.openRoom('no place');
  await ben.join();
  await ben.expectFailure('room_full');
  await expectAccessible(ben.page, 'failed');
});

test('the screens are accessible in dark and on a phone', async ({ host }) => {
  const ana = await host.person('Ana');
  await ana.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await ana.page.setViewportSize({ width: 390, height: 844 });
  await ana.openHome();
  await expectAccessible(ana.page, 'phone-home');
  await ana.openRoom('Phone');
  await ana.expectState('prejoin');
  await expectAccessible(ana.page, 'phone-prejoin');
  await ana.join();
  await ana.expectState('joined');
  const ben = await host.join('Ben', 'Phone');
  await ana.expectWith([ben.person]);
  await expectAccessible(ana.page, 'phone-room');
});

test('the link of the room can be copied', async ({ host }) => {
  const ana = await host.join('Ana', 'To share');
  await ana.copyLinkButton.first().click();
  await expect(ana.page.getByText('Link copied').first(), 'it says so').toBeVisible();

  // Read as people read a clipboard: by pasting it somewhere.
  await ana.leaveButton.click();
  await ana.openHome();
  await ana.roomNameField.fill('');
  await ana.roomNameField.press('Control+V');
  await expect(ana.roomNameField).toHaveValue(/To(%20| |-)share$/i);
});
