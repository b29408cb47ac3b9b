import { expect } from '@playwright/test';
import { test } from '../../support/test';

test('the way into a call and out of it needs no mouse @both', async ({ host }) => {
  const ana = await host.person('Ana');
  const { page } = ana;
  await ana.openHome();
  await expect(ana.roomNameField, 'the field is ready to type').toBeFocused();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('By hand');
  await page.keyboard.press('Enter');
  await expect(ana.nameField).toBeFocused();
  await page.keyboard.type('Ana');
  await page.keyboard.press('Enter');
  await ana.expectState('joined');

  // The bar is one stop; from its end the keys lead to "Leave".
  await ana.button('Turn off microphone').focus();
  await page.keyboard.press('ArrowRight');
  await expect(ana.button('Turn off camera')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Home');
  for (let step = 0; step < 10 && !(await ana.leaveButton.evaluate((it) => it === document.activeElement)); step += 1) {
    await page.keyboard.press('ArrowRight');
  }
  await expect(ana.leaveButton, 'arrow keys reach every button of the bar').toBeFocused();
  await page.keyboard.press('Enter');
  await ana.expectState('left');
});

test('single keys turn microphone and camera on and off, also for others @both', async ({ host }) => {
  const ana = await host.join('Ana', 'keys');
  const ben = await host.join('Ben', 'keys');
  await expect(ana.button('Turn off microphone')).toHaveAttribute('aria-keyshortcuts', 'M');
  await ana.page.keyboard.press('m');
  await ben.expectTold(ana.person, 'microphone', 'off');
  await ana.page.keyboard.press('v');
  await ben.expectTold(ana.person, 'camera', 'off');
  await ana.page.keyboard.press('v');
  await ben.expectTold(ana.person, 'camera', 'on');
  await ben.expectHears([]);

  await ana.page.keyboard.down(' ');
  await ben.expectHears([ana.person]);
  await ana.page.keyboard.up(' ');
  await ben.expectTold(ana.person, 'microphone', 'off');
  await ben.expectHears([]);
});

test('lists and dialogs open and close by keys and give the focus back', async ({ host }) => {
  const ana = await host.join('Ana', 'panels');
  const { page } = ana;
  const more = ana.button('More');

  await ana.button('Turn off camera').focus();
  await page.keyboard.press('p');
  await expect(ana.peopleList.getByRole('listitem')).toHaveCount(1);
  await expect(ana.peopleList.getByRole('button', { name: 'Close' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(ana.peopleList).toHaveCount(0);
  await expect(ana.button('Turn off camera'), 'the focus is back').toBeFocused();

  await page.keyboard.press('?');
  await expect(ana.shortcuts).toBeVisible();
  await page.keyboard.press('m');
  await expect(ana.ownTile, 'a dialog keeps its keys').toHaveAttribute('data-audio', 'on');
  await page.keyboard.press('Escape');
  await expect(ana.shortcuts).toHaveCount(0);
  await expect(ana.button('Turn off camera'), 'the focus is back').toBeFocused();

  await more.focus();
  await page.keyboard.press('Enter');
  await ana.button('Keyboard shortcuts').click();
  await ana.shortcuts.getByRole('checkbox').uncheck();
  await page.keyboard.press('Escape');
  await expect(more, 'the focus is back').toBeFocused();
  await page.keyboard.press('m');
  await expect(ana.ownTile, 'single keys are off').toHaveAttribute('data-audio', 'on');
  await expect(ana.button('Turn off microphone')).not.toHaveAttribute('aria-keyshortcuts');
});
