import { expect } from '@playwright/test';
import { expectPicture, expectVoices } from '../support/media';
import { serveTestPage } from '../support/test-pages';
import { test } from '../support/test';

// What every other test rests on: a colour and a tone that went through encoder, network and decoder are told apart.
test('a person is recognised by colour and tone after a real peer connection @both', async ({ people }) => {
  const pages = await serveTestPage('loopback');
  try {
    for (const name of ['Ana', 'Ben']) {
      const person = await people.browser(name);
      await person.page.goto(pages.origin);
      await expectPicture(person.page.locator('video'), person.id, `${name}'s`);
      await expectVoices(person.page, [person.id], `at ${name}'s`);
    }
    const silent = await people.browser('Dan');
    await silent.page.goto(pages.origin);
    await expectVoices(silent.page, [silent.id], "at Dan's");
    await silent.page.evaluate(() => window.loopback.silence());
    await expectVoices(silent.page, [], "at Dan's after he fell silent");
    expect(await silent.page.locator('audio').evaluate((element) => window.probe.picture(element))).toBe(
      'a audio is no video',
    );
  } finally {
    await pages.close();
  }
});
