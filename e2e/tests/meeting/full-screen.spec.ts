import { expect } from '@playwright/test';
import { test } from '../../support/test';

test('in full screen the bar and the names fade while nobody touches anything', async ({ host }) => {
  const ana = await host.join('Ana', 'full screen');
  const { page } = ana;
  const isFull = (): Promise<boolean> => page.evaluate(() => document.fullscreenElement !== null);
  await ana.turnOffButton('microphone').focus();
  await page.keyboard.press('f');
  await expect.poll(isFull).toBe(true);

  // What has the focus of the keyboard is never hidden.
  await ana.turnOffButton('microphone').blur();
  await expect(ana.bar).toHaveCSS('opacity', '0');
  await expect(ana.bar, 'nobody presses what they cannot see').toHaveCSS('pointer-events', 'none');
  await expect(ana.nameOn(ana.ownTile)).toHaveCSS('opacity', '0');
  await page.mouse.move(200, 200);
  await expect(ana.bar).toHaveCSS('opacity', '1');
  await expect(ana.nameOn(ana.ownTile)).toHaveCSS('opacity', '1');

  await ana.openMore();
  await ana.button('End full screen').click();
  await expect.poll(isFull).toBe(false);
  await ana.openMore();
  await ana.button('Full screen').click();
  await expect.poll(isFull).toBe(true);
  await ana.leaveButton.click();
  await ana.expectState('left');
  await expect.poll(isFull, { message: 'leaving the room ends it' }).toBe(false);
});
