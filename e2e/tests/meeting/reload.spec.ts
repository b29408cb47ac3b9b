import { expect } from '@playwright/test';
import { limitRoom } from '../../support/backend';
import { test } from '../../support/test';

test('a reload goes straight back into the room, as the same person @both', async ({ host }) => {
  const ana = await host.join('Ana', 'reload');
  const ben = await host.join('Ben', 'reload');
  await ben.expectWith([ana.person]);
  const person = await ana.personId();

  await ana.page.reload();
  await ana.expectState('joined');
  expect(await ana.personId()).toBe(person);
  await ben.expectWith([ana.person]);
  await ana.expectWith([ben.person]);
});

test('twenty reloads in a room for two never meet a full room', async ({ host, meeting }) => {
  await limitRoom(meeting, 'for two', 2);
  const ana = await host.join('Ana', 'for two');
  const ben = await host.join('Ben', 'for two');
  await ana.expectWith([ben.person]);
  for (let i = 0; i < 20; i += 1) {
    await ben.page.reload();
    await ben.expectState('joined');
  }
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
});

test('a duplicated tab joins as a person of its own', async ({ host }) => {
  const ana = await host.join('Ana', 'twins');
  const ben = await host.join('Ben', 'twins');
  await ben.expectWith([ana.person]);

  const twin = await ana.duplicateTab();
  await twin.expectState('joined');
  await ana.expectState('joined');
  await expect(ben.tile('Ana'), 'Ben sees two people named Ana').toHaveCount(2);
  expect(await twin.personId()).not.toBe(await ana.personId());

  await twin.leaveButton.click();
  await expect(ben.tile('Ana'), 'the first Ana stays').toHaveCount(1);
  await ben.expectWith([ana.person]);
});
