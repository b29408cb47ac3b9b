import { expect } from '@playwright/test';
import { test } from '../../support/test';

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
