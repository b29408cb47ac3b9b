import { expect } from '@playwright/test';
import { test } from '../../support/test';

test('a late joiner sees and hears those who are there, and they see the newcomer @both', async ({ host }) => {
  const ana = await host.join('Ana', 'late');
  const ben = await host.join('Ben', 'late');
  await ana.expectWith([ben.person]);

  const cleo = await host.join('Cleo', 'late');
  await cleo.expectWith([ana.person, ben.person]);
  await ana.expectWith([ben.person, cleo.person]);
});

test('camera off and on again @both', async ({ host }) => {
  const ana = await host.join('Ana', 'camera');
  const ben = await host.join('Ben', 'camera');
  await ben.expectWith([ana.person]);
  await ben.expectTold(ana.person, 'camera', 'on');

  await ana.turnOff('camera');
  await ben.expectTold(ana.person, 'camera', 'off');
  await expect(ben.tile('Ana').locator('video'), 'no picture is left behind').toHaveCount(0);
  await ben.expectHears([ana.person]);

  await ana.turnOn('camera');
  await ben.expectTold(ana.person, 'camera', 'on');
  await ben.expectSees(ana.person);
});

test('muting silences and is shown to the others @both', async ({ host }) => {
  const ana = await host.join('Ana', 'mute');
  const ben = await host.join('Ben', 'mute');
  await ben.expectWith([ana.person]);

  await ana.turnOff('microphone');
  await ben.expectTold(ana.person, 'microphone', 'off');
  await ana.expectTold(ana.person, 'microphone', 'off');
  await ben.expectHears([]);
  await ben.expectSees(ana.person);

  await ana.turnOn('microphone');
  await ben.expectTold(ana.person, 'microphone', 'on');
  await ben.expectHears([ana.person]);
});

test('who joins with devices off is told and shown so, and can turn them on @both', async ({ host }) => {
  const ben = await host.join('Ben', 'silent');
  const ana = await host.atDoor('Ana', 'silent');
  await ana.turnOff('microphone');
  await ana.turnOff('camera');
  await ana.join();
  await ana.expectState('joined');
  await ben.expectTold(ana.person, 'microphone', 'off');
  await ben.expectTold(ana.person, 'camera', 'off');
  await ben.expectHears([]);

  await ana.turnOn('camera');
  await ana.turnOn('microphone');
  await ben.expectWith([ana.person]);
});

test('whoever speaks is marked, and no longer when silent @both', async ({ host }) => {
  const ana = await host.join('Ana', 'speaker');
  const ben = await host.join('Ben', 'speaker');
  await expect(ben.tile('Ana'), 'Ana is marked as speaking').toHaveAttribute('data-speaking', 'true');
  await ana.turnOff('microphone');
  await expect(ben.tile('Ana'), 'Ana is silent').toHaveAttribute('data-speaking', 'false');
});

test('who is on and not heard is shown so, until that is over @both', async ({ host }) => {
  const ana = await host.join('Ana', 'unheard');
  const ben = await host.join('Ben', 'unheard');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
  await ana.page.evaluate(() => window.wiretap.gag());
  await expect(ben.tile('Ana')).toHaveAccessibleName('Ana, no sound arrives');
  await expect(ana.tile('Ben'), 'nobody else is').toHaveAccessibleName('Ben');
  await ana.turnOff('microphone');
  await expect(ben.tile('Ana')).toHaveAccessibleName('Ana, microphone off');
  await ana.turnOn('microphone');
  await ben.expectHears([ana.person]);
  await expect(ben.tile('Ana')).toHaveAccessibleName('Ana');
});
