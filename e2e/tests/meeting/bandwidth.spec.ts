import { expect } from '@playwright/test';
import { test } from '../../support/test';

test('a publisher finds out how much its network takes, and hears how its packets arrive', async ({ host }) => {
  const ana = await host.person('Ana', { ownDevices: true });
  await ana.person.context.addInitScript(installNoise);
  await ana.openRoom('bandwidth');
  await ana.join();
  await host.join('Ben', 'bandwidth');
  const outgoing = () => ana.person.page.evaluate(() => window.wiretap.outgoing());
  // A browser starts with 300 kbit/s, and goes beyond only as far as feedback tells that packets arrive in time.
  await expect
    .poll(async () => (await outgoing()).available, { message: 'bit/s that Ana believes in', timeout: 45_000 })
    .toBeGreaterThan(1_000_000);
  await expect
    .poll(async () => (await outgoing()).framesPerSecond, { message: 'pictures that she sends', timeout: 45_000 })
    .toBeGreaterThan(8);
  await expect
    .poll(async () => (await outgoing()).roundTrip, { message: 'how long the way is, by reports', timeout: 15_000 })
    .toBeLessThan(0.5);
  expect((await outgoing()).packetsLost, 'nothing is lost on this machine').toBeLessThan(50);
});

/**
 * Init script: the camera shows noise, which takes whatever bitrate an encoder may use. Self-contained, because it is
 * serialised into the page.
 */
function installNoise(): void {
  const WIDTH = 640;
  const HEIGHT = 360;
  const RATE = 15;
  // A page on an insecure address, such as the empty one before the first visit, has no devices to replace.
  const devices = (navigator as Partial<Navigator>).mediaDevices;
  if (devices === undefined) return;
  const noise = (): MediaStreamTrack => {
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
    const brush = canvas.getContext('2d');
    const track = canvas.captureStream(RATE).getVideoTracks()[0];
    if (brush === null || track === undefined) throw new Error('a canvas has a context and a video track');
    const images = [0, 1, 2, 3].map(() => {
      const image = brush.createImageData(WIDTH, HEIGHT);
      for (let at = 0; at < image.data.length; at += 1) image.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
      return image;
    });
    let step = 0;
    setInterval(() => {
      step += 1;
      const image = images[step % images.length];
      if (image !== undefined) brush.putImageData(image, 0, 0);
    }, 1000 / RATE);
    return track;
  };
  const original = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (constraints = {}) => {
    const stream = await original(constraints);
    for (const track of stream.getVideoTracks()) {
      stream.removeTrack(track);
      stream.addTrack(noise());
    }
    return stream;
  };
}
