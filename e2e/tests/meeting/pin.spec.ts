import { expect } from '@playwright/test';
import type { MeetingPage } from '../../pages/meeting-page';
import { installScreen } from '../../support/screen';
import { test } from '../../support/test';

/** Waits until that person's tile is much wider than the other one's. */
async function expectLarger(viewer: MeetingPage, large: string, small: string): Promise<void> {
  const ratio = async (): Promise<number> => {
    const [wide, narrow] = await Promise.all([large, small].map((name) => viewer.tile(name).boundingBox()));
    return (wide?.width ?? 0) / (narrow?.width ?? Infinity);
  };
  await expect.poll(ratio, { message: `${large} is larger than ${small}` }).toBeGreaterThan(2);
}

test('whoever is pinned is large until a second press, by mouse and by keys @both', async ({ host }) => {
  const ana = await host.join('Ana', 'pin');
  const ben = await host.join('Ben', 'pin');
  const cleo = await host.join('Cleo', 'pin');
  await ana.expectWith([ben.person, cleo.person]);
  const equal = await ana.scene();

  await ana.pinButton('Ben').click();
  await expectLarger(ana, 'Ben', 'Cleo');
  await ana.expectSees(ben.person);
  await expect(ana.pinButton('Ben')).toHaveAttribute('aria-pressed', 'true');
  await ana.pinButton('Ben').click();
  await expect.poll(() => ana.scene(), { message: 'everybody is where they were' }).toEqual(equal);

  // Firefox gives the focus only to the window in front.
  await ana.page.bringToFront();
  await ana.pinButton('Ben').focus();
  await ana.page.keyboard.press('ArrowRight');
  await expect(ana.pinButton('Cleo')).toBeFocused();
  await ana.page.keyboard.press('Enter');
  await expectLarger(ana, 'Cleo', 'Ben');
  await expect(ana.pinButton('Cleo'), 'the same key ends it').toBeFocused();
  await expect(ana.ownTile.getByRole('button'), 'nobody pins themselves').toHaveCount(0);

  await cleo.leaveButton.click();
  await expect(ana.tile('Cleo')).toHaveCount(0);
  await expect(ana.pinButton('Ben')).toHaveAttribute('aria-pressed', 'false');
});

test('the pinned person stays large when somebody shares, and gives way to a screen that is chosen', async ({
  host,
}) => {
  const ana = await host.join('Ana', 'pin and share');
  const ben = await host.join('Ben', 'pin and share');
  const cleo = await host.person('Cleo');
  await cleo.person.context.addInitScript(installScreen, { id: 5 });
  await cleo.openRoom('pin and share');
  await cleo.join();
  await ana.expectWith([ben.person, cleo.person]);

  await ana.pinButton('Ben').click();
  await cleo.shareButton.click();
  const screen = ana.shareOf(await cleo.personId());
  await expect(screen.locator('video')).toBeVisible();
  await expectLarger(ana, 'Ben', 'Cleo');

  await screen.getByRole('button', { name: 'show it large' }).click();
  await expect(ana.pinButton('Ben')).toHaveAttribute('aria-pressed', 'false');
  const width = async (): Promise<number> => (await screen.boundingBox())?.width ?? 0;
  await expect.poll(width, { message: 'the screen is large' }).toBeGreaterThan(600);
});
