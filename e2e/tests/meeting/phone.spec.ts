import { expect } from '@playwright/test';
import type { MeetingPage } from '../../pages/meeting-page';
import { chromiumLaunch } from '../../support/browsers';
import { test } from '../../support/test';

const PHONE = { width: 390, height: 844 };

/** Chromium with three cameras, of which the second one is a depth sensor without a picture. */
const threeCameras = {
  ...chromiumLaunch,
  args: [
    ...(chromiumLaunch.args ?? []).filter((flag) => !flag.startsWith('--use-fake-device')),
    '--use-fake-device-for-media-stream=device-count=3',
  ],
};

/** Init script: the second camera is not listed. */
function hideDepthSensor(): void {
  const { mediaDevices } = navigator as Partial<Navigator>;
  if (mediaDevices === undefined) return;
  const enumerate = mediaDevices.enumerateDevices.bind(mediaDevices);
  mediaDevices.enumerateDevices = async () => {
    const all = await enumerate();
    const [, depth] = all.filter(({ kind }) => kind === 'videoinput');
    return all.filter((device) => device !== depth);
  };
}

/** The camera whose picture the person's own tile shows. */
function camera({ ownTile }: MeetingPage): Promise<string | undefined> {
  return ownTile
    .locator('video')
    .evaluate((video: HTMLVideoElement) =>
      video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0]?.getSettings().deviceId : undefined,
    );
}

test('the camera of a phone is turned around and back, and the others go on seeing', async ({ host }) => {
  const ana = await host.person('Ana', { ownDevices: true, ownProcess: threeCameras });
  await ana.person.context.addInitScript(hideDepthSensor);
  await ana.page.setViewportSize(PHONE);
  await ana.openRoom('flip');
  await ana.expectState('prejoin');
  await ana.join();
  await ana.expectState('joined');
  const ben = await host.join('Ben', 'flip');
  await ben.expectMoving(ana.person);
  const [first, peer] = [await camera(ana), await ana.peerId()];
  expect(first).toBeDefined();

  await ana.switchCamera.click();
  await expect.poll(() => camera(ana), { message: 'the other camera' }).not.toBe(first);
  await ana.expectMoving(ana.person);
  await ben.expectMoving(ana.person);
  await ana.switchCamera.click();
  await expect.poll(() => camera(ana), { message: 'the first one again' }).toBe(first);
  await ben.expectMoving(ana.person);
  await ben.expectTold(ana.person, 'camera', 'on');
  expect(await ana.peerId(), 'the same peer').toBe(peer);
});
