import { expect } from '@playwright/test';
import type { MeetingPage } from '../../pages/meeting-page';
import type { ListedDevice, TroubledKind, TroubleOptions } from '../../support/device-troubles';
import { test } from '../../support/test';

const listed = (kind: MediaDeviceKind, deviceId: string, label: string): ListedDevice => ({ kind, deviceId, label });
const mic1 = listed('audioinput', 'mic1', 'Headset');
const mic2 = listed('audioinput', 'mic2', 'Built-in microphone');
const cam1 = listed('videoinput', 'cam1', 'Built-in camera');
const cam2 = listed('videoinput', 'cam2', 'Webcam');

test('somebody without any device joins, sees and hears @both', async ({ host }) => {
  const ana = await host.join('Ana', 'no devices');
  const ben = await host.join('Ben', 'no devices', { devices: { camera: false, microphone: false } });
  await ben.expectWith([ana.person]);
  await ana.expectTold(ben.person, 'camera', 'off');
  await ana.expectTold(ben.person, 'microphone', 'off');
  await ana.expectHears([]);
});

test('somebody with a camera only is seen', async ({ host }) => {
  const ana = await host.join('Ana', 'camera only');
  const ben = await host.join('Ben', 'camera only', { devices: { microphone: false } });
  await ana.expectSees(ben.person);
  await ana.expectTold(ben.person, 'microphone', 'off');
  await ana.expectHears([]);
  await ben.expectWith([ana.person]);
});

test('somebody with a microphone only is heard', async ({ host }) => {
  const ana = await host.join('Ana', 'microphone only');
  const ben = await host.join('Ben', 'microphone only', { devices: { camera: false } });
  await ana.expectHears([ben.person]);
  await ana.expectTold(ben.person, 'camera', 'off');
  await expect(ana.tile('Ben').locator('video')).toHaveCount(0);
  await ben.expectWith([ana.person]);
});

/** Both devices refuse with this error. */
const both = (error: string, message = '', permission: PermissionState = 'granted'): TroubleOptions => ({
  refusals: { camera: [error, message], microphone: [error, message] },
  permission,
});

const TROUBLES: readonly (readonly [what: string, troubles: TroubleOptions, sentence: string])[] = [
  ['blocked', both('NotAllowedError', 'Permission denied', 'denied'), 'Camera and microphone are blocked.'],
  ['blocked by the system', both('NotAllowedError', 'Permission denied by system'), 'Your system keeps camera and'],
  [
    'not answered',
    both('NotAllowedError', 'Permission dismissed', 'prompt'),
    'The question about camera and microphone',
  ],
  ['in use', both('NotReadableError'), 'Another program uses camera and microphone.'],
  ['missing', both('NotFoundError'), 'No camera or microphone is connected.'],
  ['unfit', both('OverconstrainedError'), 'Camera and microphone cannot work the way the page needs.'],
  ['broken', both('UnknownError'), 'Camera and microphone did not start.'],
  [
    'each with a trouble of its own',
    { refusals: { camera: ['NotReadableError', ''], microphone: ['NotFoundError', ''] } },
    'No microphone is connected.',
  ],
];

test('whatever is wrong with the devices is said at the door, which stays open', async ({ host }) => {
  for (const [what, troubles, sentence] of TROUBLES) {
    const person = await host.atDoor('Ana', `devices ${what}`, { troubles });
    await expect(person.deviceStatus, what).toContainText(sentence);
    await expect(person.tryAgain, what).toBeVisible();
    await person.join();
    await person.expectState('joined');
    await expect(person.turnOnButton('camera'), what).toHaveAccessibleDescription(/camera/i);
    await person.page.close();
  }
});

test('a browser without devices says so at the door, one without calls on a screen of its own', async ({ host }) => {
  const ana = await host.person('Ana');
  await ana.page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined }));
  await ana.openRoom('no access');
  await expect(ana.deviceStatus).toContainText('This browser has no access to camera and microphone.');
  await ana.join();
  await ana.expectState('joined');

  const ben = await host.person('Ben');
  await ben.page.addInitScript(() => Reflect.deleteProperty(window, 'RTCPeerConnection'));
  await ben.openRoom('no access');
  await ben.expectFailure('unsupported_browser');
});

test('devices that are allowed later work without a reload, and a freed one by its button @both', async ({ host }) => {
  const troubles = both('NotAllowedError', 'Permission denied', 'denied');
  const ana = await host.join('Ana', 'allowed later', { troubles });
  const ben = await host.join('Ben', 'allowed later');
  await ben.expectTold(ana.person, 'camera', 'off');

  await refuse(ana, 'microphone', null);
  await refuse(ana, 'camera', 'NotReadableError');
  await ana.page.evaluate(() => window.troubles.permit('granted'));
  await ben.expectHears([ana.person]);
  await expect(ana.notice('Another program uses the camera.')).toBeVisible();
  await ben.expectTold(ana.person, 'camera', 'off');

  await refuse(ana, 'camera', null);
  await ana.turnOnButton('camera').click();
  await ben.expectSees(ana.person);
});

test('a camera that another program took is taken back with one button @both', async ({ host }) => {
  const ana = await host.join('Ana', 'taken', { troubles: { devices: [mic1, cam1] } });
  const ben = await host.join('Ben', 'taken');
  await ben.expectSees(ana.person);
  await ana.page.evaluate(() => window.troubles.end('camera'));
  await ben.expectTold(ana.person, 'camera', 'off');
  const notice = ana.notice('Another program or the system took the camera.');
  await notice.getByRole('button', { name: 'Turn on again' }).click();
  await expect(notice).toHaveCount(0);
  await ben.expectSees(ana.person);
});

test('devices come and go during the call', async ({ host }) => {
  const ana = await host.join('Ana', 'plugging', { troubles: { devices: [mic1, mic2, cam1] } });
  const ben = await host.join('Ben', 'plugging');
  await ben.expectWith([ana.person]);
  const list = (devices: readonly ListedDevice[]) => ana.page.evaluate((all) => window.troubles.list(all), devices);
  const open = () => ana.page.evaluate(() => [...window.troubles.open()].sort());
  expect(await open()).toEqual(['cam1', 'mic1']);

  await list([mic1, mic2, cam1, cam2]);
  await ana.notice('Webcam is connected.').getByRole('button', { name: 'Use it' }).click();
  await expect.poll(open, 'the new one is used, the other is released').toEqual(['cam2', 'mic1']);
  await ben.expectSees(ana.person);

  await list([mic2, cam1, cam2]);
  await expect(ana.notice('Headset was disconnected. Using Built-in microphone now.')).toBeVisible();
  await ben.expectHears([ana.person]);

  await list([mic2, cam1]);
  await ben.expectTold(ana.person, 'camera', 'off');
  await ana.notice('The camera was disconnected.').getByRole('button', { name: 'Use Built-in camera' }).click();
  await ben.expectSees(ana.person);
  expect(await open()).toEqual(['cam1', 'mic2']);
});

test('microphone and speaker of the browser are changed during the call, and remembered', async ({ host }) => {
  const ben = await host.join('Ben', 'changing');
  const ana = await host.join('Ana', 'changing', { ownDevices: true });
  await ana.expectSees(ben.person);
  const plays = () =>
    ana.page.evaluate(() => Array.from(document.querySelectorAll('audio'), ({ sinkId }) => sinkId !== ''));
  await expect.poll(plays, 'the system’s speaker at first').toEqual([false]);

  await ana.openMore();
  for (const kind of ['Microphone', 'Speaker'] as const) {
    const names = await ana.deviceChoice(kind).locator('option').allTextContents();
    const other = names.find((name) => /\d$/.test(name));
    if (other === undefined) throw new Error(`another ${kind} than ${names.join(', ')}`);
    await ana.deviceChoice(kind).selectOption({ label: other });
    await expect(ana.deviceChoice(kind).locator('option:checked')).toHaveText(other);
  }
  await expect.poll(plays, 'the chosen speaker').toEqual([true]);
  await ben.expectTold(ana.person, 'microphone', 'on');

  const chosen = await ana.deviceChoice('Microphone').inputValue();
  await ana.page.reload();
  await ana.expectState('joined');
  await ana.openMore();
  await expect(ana.deviceChoice('Microphone')).toHaveValue(chosen);
  await expect.poll(plays, 'the remembered speaker').toEqual([true]);
});

function refuse(page: MeetingPage, kind: TroubledKind, error: string | null): Promise<void> {
  return page.page.evaluate((what) => window.troubles.refuse(what.kind, what.error), { kind, error });
}
