import { expect } from '@playwright/test';
import type { MeetingPage } from '../../pages/meeting-page';
import { roomOf } from '../../support/backend';
import { test } from '../../support/test';

/** How soon others must see that somebody left, in milliseconds. */
const GONE_LIMIT = 1_000;
/** How soon an empty room must be gone, in milliseconds. */
const ROOM_LIMIT = 10_000;

/** From now on waits for the moment at which somebody's tile goes from a page, in milliseconds since 1970. */
async function watchLeaving(viewer: MeetingPage, name: string): Promise<() => Promise<number>> {
  const watch = await viewer.tile(name).evaluateHandle((tile) => ({
    gone: new Promise<number>((resolve) => {
      new MutationObserver(() => {
        if (!tile.isConnected) resolve(Date.now());
      }).observe(document, { childList: true, subtree: true });
    }),
  }));
  return async () => {
    await expect(viewer.tile(name), `${name} is gone from ${viewer.name}'s page`).toHaveCount(0);
    return watch.evaluate(({ gone }) => gone);
  };
}

/** From now on waits for the moment at which "Leave" is pressed; how long a test takes to press it is nobody's business. */
async function watchPress({ leaveButton }: MeetingPage): Promise<() => Promise<number>> {
  const watch = await leaveButton.evaluateHandle((button) => ({
    pressed: new Promise<number>((resolve) => {
      button.addEventListener('click', () => resolve(Date.now()), { once: true });
    }),
  }));
  return () => watch.evaluate(({ pressed }) => pressed);
}

test('who leaves is gone from the others within a second, and can come back @both', async ({ host }) => {
  const ana = await host.join('Ana', 'leaving');
  const ben = await host.join('Ben', 'leaving');
  await ana.expectWith([ben.person]);

  const [gone, pressed] = [await watchLeaving(ana, 'Ben'), await watchPress(ben)];
  await ben.leaveButton.click();
  expect((await gone()) - (await pressed()), 'milliseconds').toBeLessThan(GONE_LIMIT);
  await ben.expectState('left');
  await ana.expectWith([]);

  await ben.joinAgain.click();
  await ben.expectState('joined');
  await ana.expectWith([ben.person]);
  await ben.expectWith([ana.person]);
});

test('the room is gone ten seconds after the last one left', async ({ host, meeting }) => {
  const ana = await host.join('Ana', 'last one');
  const ben = await host.join('Ben', 'last one');
  await ana.expectWith([ben.person]);
  await ben.leaveButton.click();
  await ben.expectState('left');
  await ana.leaveButton.click();
  await expect
    .poll(() => meeting.api.rooms(), { message: 'the empty room is removed', timeout: ROOM_LIMIT })
    .toEqual([]);
});

test('a closed tab is gone from the others within a second', async ({ host }) => {
  const ana = await host.join('Ana', 'closing');
  const ben = await host.join('Ben', 'closing');
  await ana.expectWith([ben.person]);
  const gone = await watchLeaving(ana, 'Ben');
  const closed = Date.now();
  await ben.page.close();
  expect((await gone()) - closed, 'milliseconds').toBeLessThan(GONE_LIMIT);
});

test('a killed tab is gone from the others, who go on', async ({ host }) => {
  const ana = await host.join('Ana', 'killing');
  const ben = await host.join('Ben', 'killing');
  const cleo = await host.join('Cleo', 'killing');
  await ana.expectWith([ben.person, cleo.person]);
  const crashed = ben.page.waitForEvent('crash');
  const devtools = await ben.person.context.newCDPSession(ben.page);
  // The page that would answer this command is the one that dies of it.
  devtools.send('Page.crash').catch(() => undefined);
  await crashed;
  await expect(ana.tile('Ben'), "Ben is gone from Ana's page").toHaveCount(0);
  await ana.expectWith([cleo.person]);
});

test('a join whose room is removed before it connects succeeds all the same', async ({ host, meeting }) => {
  const ana = await host.atDoor('Ana', 'racing');
  let removals = 0;
  await ana.page.route('**/api/rooms/*/join', async (route) => {
    const response = await route.fetch();
    if (removals === 0) {
      removals += 1;
      const { peerId } = (await response.json()) as { peerId: string };
      await meeting.api.deleteRoom((await roomOf(meeting, peerId)).id);
    }
    await route.fulfill({ response });
  });
  await ana.join();
  await ana.expectState('joined');
  expect(removals).toBe(1);
  const ben = await host.join('Ben', 'racing');
  await ben.expectWith([ana.person]);
});

test('who comes back at the moment the room is removed is let in', async ({ host, meeting }) => {
  const ana = await host.join('Ana', 'moment');
  const { id } = await roomOf(meeting, await ana.peerId());
  await ana.leaveButton.click();
  await ana.expectState('left');
  await expect
    .poll(() => meeting.api.room(id), { message: 'the room is removed', timeout: ROOM_LIMIT, intervals: [20] })
    .toBeNull();
  await ana.joinAgain.click();
  await ana.expectState('joined');
  const ben = await host.join('Ben', 'moment');
  await ben.expectWith([ana.person]);
});
