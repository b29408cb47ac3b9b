import { expect } from '@playwright/test';
import { test } from '../../support/test';

// What a trace records of a page counts as a click of its user.
test.use({ trace: 'off' });

test('sound that the browser holds back comes with one button', async ({ host }) => {
  const ana = await host.join('Ana', 'quiet');
  const ben = await host.person('Ben', { browserName: 'strict chromium' });
  await ben.openRoom('quiet', '?name=Ben&join=1&camera=0&microphone=0');
  // So does what the suite does, except this.
  const session = await ben.person.context.newCDPSession(ben.page);
  const untouched = async (expression: string): Promise<unknown> =>
    (await session.send('Runtime.evaluate', { expression, userGesture: false, returnByValue: true })).result.value;
  await expect.poll(() => untouched(`document.body.innerText.includes('keeps sounds off')`), 'Ben is told').toBe(true);
  expect(await untouched(`[...document.querySelectorAll('audio')].every(({ paused }) => paused)`)).toBe(true);
  const button = ben.page.getByRole('button', { name: 'Turn on sound' });
  await button.click();
  await expect(button).toHaveCount(0);
  await ben.expectHears([ana.person]);
});
