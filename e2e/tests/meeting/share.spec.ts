import { expect, type Locator } from '@playwright/test';
import type { MeetingPage } from '../../pages/meeting-page';
import type { Identity } from '../../support/identity';
import { expectMoving, expectPicture, expectVoices } from '../../support/media';
import { installScreen } from '../../support/screen';
import { test } from '../../support/test';

const wide = { width: 1280, height: 800 };

/** Somebody in the room whose browser has a screen that looks and sounds like that identity. */
async function joinWithScreen(host: Host, name: string, room: string, looksLike: Identity): Promise<MeetingPage> {
  const page = await host.person(name);
  await page.person.context.addInitScript(installScreen, { id: looksLike });
  await page.page.setViewportSize(wide);
  await page.openRoom(room);
  await page.expectState('prejoin');
  await page.join();
  await page.expectState('joined');
  return page;
}
type Host = Parameters<Parameters<typeof test>[2]>[0]['host'];

/** Waits until this page shows that person's screen, and that it moves. */
async function expectScreen(viewer: MeetingPage, of: MeetingPage, looksLike: Identity): Promise<void> {
  await expectPicture(viewer.shareOf(await of.personId()).locator('video'), looksLike, `${of.name}'s shared`);
}

async function widthOf(tile: Locator): Promise<number> {
  const box = await tile.boundingBox();
  return box?.width ?? 0;
}

test('a screen is seen large and heard by the others, until the browser’s own bar ends it @both', async ({ host }) => {
  const ana = await joinWithScreen(host, 'Ana', 'share', 5);
  const ben = await host.join('Ben', 'share');
  await ana.expectWith([ben.person]);
  const hers = ben.shareOf(await ana.personId());

  await ana.shareButton.click();
  await expect(ana.stopSharingButton).toBeVisible();
  await expectScreen(ben, ana, 5);
  await expectVoices(ben.page, [ana.person.id, 5], 'at Ben’s: Ana and the film that she shows');
  await expect(ben.announcements).toHaveText('Ana shares the screen');
  await expect(ana.announcements).toHaveText('You are sharing your screen');
  expect(await widthOf(hers), 'the screen is large').toBeGreaterThan((await widthOf(ben.tile('Ana'))) * 2);
  await expect(ana.shareOf(await ana.personId()), 'Ana sees that she shares').toBeVisible();
  await ben.expectSees(ana.person);

  await ana.page.evaluate(() => window.endScreen());
  await expect(hers).toHaveCount(0);
  await expect(ana.shareButton).toBeVisible();
  await expectVoices(ben.page, [ana.person.id], 'at Ben’s: only Ana again');
  await expect(ben.announcements).toHaveText('Ana stopped sharing');
  await expect(ana.announcements).toHaveText('You stopped sharing');
});

test('of several screens the newest is large, and any other can be', async ({ host }) => {
  const ana = await joinWithScreen(host, 'Ana', 'two shares', 5);
  const ben = await joinWithScreen(host, 'Ben', 'two shares', 6);
  const cleo = await host.join('Cleo', 'two shares');
  const [anas, bens] = [cleo.shareOf(await ana.personId()), cleo.shareOf(await ben.personId())];

  await ana.shareButton.click();
  await expectScreen(cleo, ana, 5);
  await ben.shareButton.click();
  await expectScreen(cleo, ben, 6);
  expect(await widthOf(bens), 'the newest is large').toBeGreaterThan((await widthOf(anas)) * 2);
  await expectMoving(anas.locator('video'), 'the older one’s');

  await anas.getByRole('button', { name: 'show it large' }).click();
  await expect
    .poll(async () => (await widthOf(anas)) / (await widthOf(bens)), { message: 'the other one is small' })
    .toBeGreaterThan(2);
  await expectScreen(cleo, ana, 5);

  await ana.stopSharingButton.click();
  await expect(anas).toHaveCount(0);
  await expectScreen(cleo, ben, 6);
});

test('somebody who comes later sees the screen, and a stopped one can be shared again', async ({ host }) => {
  const ana = await joinWithScreen(host, 'Ana', 'share again', 5);
  await ana.shareButton.click();
  const ben = await host.join('Ben', 'share again');
  await expectScreen(ben, ana, 5);
  const lines = await ana.page.evaluate(() => window.wiretap.lines());
  for (const round of [1, 2, 3]) {
    await ana.stopSharingButton.click();
    await expect(ben.shareOf(await ana.personId()), `gone, round ${round}`).toHaveCount(0);
    await ana.shareButton.click();
    await expectScreen(ben, ana, 5);
  }
  expect(await ana.page.evaluate(() => window.wiretap.lines()), 'no line was added').toBe(lines);
  await expectVoices(ben.page, [ana.person.id, 5], 'at Ben’s: Ana and the film that she shows');

  await ana.leaveButton.click();
  await ana.expectState('left');
  expect(await ana.page.evaluate(() => window.screenIsCaptured()), 'nothing is captured any more').toBe(false);
});

test('a shared screen is there again after the server was killed, without a click', async ({ host, meeting }) => {
  const ana = await joinWithScreen(host, 'Ana', 'share again after all', 5);
  const ben = await host.join('Ben', 'share again after all');
  await ana.shareButton.click();
  await expectScreen(ben, ana, 5);
  const peer = await ana.peerId();
  await meeting.crash();
  for (const page of [ana, ben]) await page.expectState('reconnecting');
  await expect(ana.stopSharingButton, 'Ana’s screen is still captured').toBeVisible();
  await meeting.restart();
  await expect.poll(() => ana.peerId(), { message: 'Ana comes as a new peer' }).not.toBe(peer);
  await ben.expectState('joined');
  await expectScreen(ben, ana, 5);
  await expectVoices(ben.page, [ana.person.id, 5], 'at Ben’s: Ana and the film that she shows');
  await ana.stopSharingButton.click();
  await expect(ben.shareOf(await ana.personId())).toHaveCount(0);
});

test('closing the question is nothing to talk about, a failure is', async ({ host }) => {
  const ana = await joinWithScreen(host, 'Ana', 'no share', 5);
  await ana.page.evaluate(() => window.answerScreen('NotAllowedError'));
  await ana.shareButton.click();
  await expect(ana.shareButton).toHaveAttribute('aria-busy', 'false');
  await expect(ana.page.getByText('could not capture the screen')).toHaveCount(0);

  await ana.page.evaluate(() => window.answerScreen('NotReadableError'));
  await ana.shareButton.click();
  await expect(ana.page.getByText('could not capture the screen')).toBeVisible();
  await expect(ana.shareButton).toBeVisible();
});

test('where a browser cannot share there is no button', async ({ host }) => {
  const ana = await host.person('Ana');
  await ana.person.context.addInitScript(() => {
    Object.defineProperty(MediaDevices.prototype, 'getDisplayMedia', { value: undefined });
  });
  await ana.openRoom('no screens');
  await ana.expectState('prejoin');
  await ana.join();
  await ana.expectState('joined');
  await expect(ana.leaveButton).toBeVisible();
  await expect(ana.shareButton).toHaveCount(0);
});

test('on a narrow screen sharing is behind "More"', async ({ host }) => {
  const ana = await joinWithScreen(host, 'Ana', 'narrow', 5);
  await ana.page.setViewportSize({ width: 390, height: 844 });
  await expect(ana.shareButton).toHaveCount(0);
  await ana.page.getByRole('button', { name: 'More' }).click();
  await ana.shareButton.click();
  await expect(ana.shareOf(await ana.personId())).toBeVisible();
  await ana.page.getByRole('button', { name: 'More' }).click();
  await ana.stopSharingButton.click();
  await expect(ana.shareOf(await ana.personId())).toHaveCount(0);
});
