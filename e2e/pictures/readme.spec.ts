import { fileURLToPath } from 'node:url';
import { installPortrait, type Portrait } from '../support/portrait';
import { expectMoving } from '../support/media';
import { test } from '../support/test';

const target = fileURLToPath(new URL('../../docs/images/room.png', import.meta.url));

const cast: Readonly<Record<string, Portrait>> = {
  Ana: { wall: ['#b9c9d6', '#8aa0b6'], skin: '#e6b894', hair: '#3b2a22', shirt: '#3c4753', longHair: true },
  Ben: { wall: ['#d8c4ad', '#b0926f'], skin: '#8a5a3b', hair: '#15110e', shirt: '#59423a', longHair: false },
  Chiara: { wall: ['#c3d3c0', '#8fa98f'], skin: '#f0cbb0', hair: '#a5562a', shirt: '#2f4a44', longHair: true },
  Emeka: { wall: ['#c0cfe2', '#7a96bb'], skin: '#6a412b', hair: '#0f0d0c', shirt: '#37425e', longHair: false },
};

// Makes the picture of the README from the real product: four people, one of them muted, one without a camera.
test('the picture of a room', async ({ host }) => {
  const pages = [];
  for (const [name, portrait] of Object.entries(cast)) {
    const page = await host.person(name);
    await page.person.context.addInitScript(installPortrait, portrait);
    await page.openRoom('quiet-amber-otter');
    await page.expectState('prejoin');
    if (name !== 'Ben') await page.turnOff('microphone');
    await page.join();
    await page.expectState('joined');
    pages.push(page);
  }
  const dmitri = await host.join('Dmitri', 'quiet-amber-otter', { devices: { camera: false, microphone: false } });
  const [ana] = pages;
  if (ana === undefined) throw new Error('the cast is not empty');
  for (const name of Object.keys(cast)) await expectMoving(ana.tile(name).locator('video'), `${name}'s`);
  await ana.expectTold(dmitri.person, 'camera', 'off');
  await ana.page.screenshot({ path: target });
});
