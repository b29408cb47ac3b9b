import { expect } from '@playwright/test';
import { BareBrowser } from '../../support/bare-browser';
import { type IdentityOptions, installIdentity } from '../../support/identity';
import { installProbe } from '../../support/probe';
import { test as base } from '../../support/test';

const test = base.extend<{ browserOfHers: BareBrowser }>({
  // The runner reads which fixtures a fixture needs from its parameter's pattern, even when it needs none.
  // eslint-disable-next-line no-empty-pattern
  browserOfHers: async ({}, use) => {
    const browser = await BareBrowser.start();
    await use(browser);
    await browser.close();
  },
});

/** Browsers slow a hidden page down after ten seconds. */
const HIDDEN_MS = 25_000;
const ANA: IdentityOptions = { id: 8, camera: true, microphone: true };

test('a tab behind another one keeps its sound', async ({ host, meeting, browserOfHers }) => {
  const ben = await host.join('Ben', 'background');
  const scripts = [`(${installIdentity.toString()})(${JSON.stringify(ANA)})`, `(${installProbe.toString()})()`];
  const ana = await browserOfHers.open(`${meeting.origin}/room/background?name=Ana&join=1`, scripts);
  const state = "document.querySelector('[data-call-state]')?.dataset.callState";
  await expect.poll(() => ana.evaluate(state), { message: 'Ana is in the call', timeout: 30_000 }).toBe('joined');
  const voices = (): Promise<unknown> => ana.evaluate('window.probe.voices()');
  await expect.poll(voices, { message: 'Ana hears Ben' }).toEqual([ben.person.id]);

  const hidden = (): Promise<boolean> => ana.evaluate('document.hidden');
  expect(await hidden()).toBe(false);
  await browserOfHers.open('about:blank');
  await expect.poll(hidden, { message: 'Ana’s tab is behind another one' }).toBe(true);
  const since = Date.now();
  const heard = new Set<string>();
  await expect
    .poll(
      async () => {
        heard.add(JSON.stringify(await voices()));
        return Date.now() - since;
      },
      { message: 'the tab stays hidden', timeout: HIDDEN_MS + 10_000, intervals: [250] },
    )
    .toBeGreaterThan(HIDDEN_MS);
  expect([...heard], 'Ben is heard all the time').toEqual([JSON.stringify([ben.person.id])]);
  await expect
    .poll(() => ben.page.evaluate(() => window.probe.voices()), { message: 'Ben hears Ana' })
    .toEqual([ANA.id]);
  expect(await hidden()).toBe(true);
});
