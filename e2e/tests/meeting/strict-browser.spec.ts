import { expect } from '@playwright/test';
import { MeetingPage } from '../../pages/meeting-page';
import { PLAIN_HOST } from '../../support/browsers';
import type { Person } from '../../support/people';
import { test } from '../../support/test';

// What the other tests switch off, because it would stand in their way: permission and HTTPS.
const strict = { browserName: 'strict chromium' } as const;

/** Sets a permission as its user does in the browser's settings. */
async function permit(person: Person, origin: string, setting: 'granted' | 'denied' | 'prompt'): Promise<void> {
  const browser = person.context.browser();
  if (browser === null) throw new Error('a person has a browser');
  const session = await browser.newBrowserCDPSession();
  const page = await person.context.newCDPSession(person.page);
  const { targetInfo } = await page.send('Target.getTargetInfo');
  for (const name of ['camera', 'microphone']) {
    await session.send('Browser.setPermission', {
      permission: { name },
      setting,
      origin,
      ...(targetInfo.browserContextId === undefined ? {} : { browserContextId: targetInfo.browserContextId }),
    });
  }
}

/**
 * Init script: the browser’s question stays open until it is answered in the settings. A browser without a window closes it
 * at once.
 */
function keepAsking(): void {
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  const answered = async (name: string): Promise<void> => {
    const status = await navigator.permissions.query({ name: name as PermissionName });
    if (status.state !== 'prompt') return;
    await new Promise((resolve) => {
      status.addEventListener('change', resolve, { once: true });
    });
  };
  media.getUserMedia = async (constraints) => {
    await Promise.all(['camera', 'microphone'].map(answered));
    return open(constraints);
  };
}

test('the browser’s own permission is asked for at once, followed, and added to the call', async ({
  host,
  meeting,
}) => {
  const ana = await host.person('Ana', { ...strict, ownDevices: true });
  await permit(ana.person, meeting.origin, 'denied');
  await ana.openRoom('own devices');
  await expect(ana.deviceStatus).toContainText('Camera and microphone are blocked.');
  await permit(ana.person, meeting.origin, 'granted');
  await expect(ana.deviceStatus).toContainText('Camera and microphone work.');
  await ana.join();
  await ana.expectState('joined');

  await permit(ana.person, meeting.origin, 'denied');
  await expect(ana.turnOnButton('camera'), 'withdrawn').toHaveAccessibleDescription(/The camera is blocked/);
  await expect(ana.turnOnButton('microphone')).toHaveAccessibleDescription(/The microphone is blocked/);
  await permit(ana.person, meeting.origin, 'granted');
  await expect(ana.ownTile, 'given back').toHaveAttribute('data-video', 'on');
  await expect(ana.ownTile).toHaveAttribute('data-audio', 'on');
});

test('why the browser asks stands there while it asks, and nobody has to wait for it', async ({ host, meeting }) => {
  const ana = await host.person('Ana', { ...strict, ownDevices: true });
  await permit(ana.person, meeting.origin, 'prompt');
  await ana.page.addInitScript(keepAsking);
  await ana.openRoom('asking');
  const reason = ana.page.getByRole('main').getByText('Your browser asks for camera and microphone');
  await expect(reason.first()).toBeVisible();
  await ana.join();
  await ana.expectState('joined');
  await permit(ana.person, meeting.origin, 'granted');
  await expect(ana.ownTile, 'answered at last').toHaveAttribute('data-video', 'on');
});

test.describe('over plain HTTP', () => {
  test.use({ videoroomFlags: ['--tls', 'off'] });

  test('joining is possible, and the secure address is offered where there is one', async ({
    host,
    people,
    meeting,
  }) => {
    const ana = await host.join('Ana', 'plain');
    const origin = meeting.origin.replace('127.0.0.1', PLAIN_HOST);
    const ben = new MeetingPage(await people.browser('Ben', strict), origin);
    await ben.openRoom('plain');
    await expect(ben.deviceStatus).toContainText('work only at an address that begins with https://');
    const link = (page: MeetingPage) => page.page.getByRole('link', { name: 'Open the secure address' });
    await expect(link(ben), 'nobody answers there').toHaveCount(0);
    await ben.join();
    await ben.expectState('joined');
    await ben.expectWith([ana.person]);

    const secure = origin.replace('http:', 'https:');
    const cleo = new MeetingPage(await people.browser('Cleo', strict), origin);
    await cleo.page.route(`${secure}/healthz`, (route) => route.fulfill({ json: { status: 'ok' } }));
    await cleo.openRoom('plain');
    await expect(link(cleo)).toHaveAttribute('href', `${secure}/room/plain`);
    await expect(cleo.deviceStatus).toContainText('work only at the secure address of this page');
  });
});
