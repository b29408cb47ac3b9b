import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findFaults } from '../../support/faults';
import { type StoryInfo, test } from '../../support/story-pages';

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

interface Screen {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
  /** Colours of the system instead of the page's own, as people with low vision choose them. */
  readonly forcedColors?: boolean;
  readonly shows: (story: StoryInfo) => boolean;
  /** Whether accessibility rules are run: slow, and what they look at differs by theme, hardly by size. */
  readonly rules: boolean;
}

const all = (): boolean => true;
const themed = ({ dark }: StoryInfo): boolean => !dark;

/** What has to share little height: the rest only scrolls. */
const fillsPage = ({ id, dark }: StoryInfo): boolean => dark || id.startsWith('prejoin/');

const SCREENS: readonly Screen[] = [
  { name: 'phone light', width: 320, height: 640, theme: 'light', shows: themed, rules: true },
  { name: 'phone dark', width: 320, height: 640, theme: 'dark', shows: all, rules: false },
  { name: 'desktop light', width: 1280, height: 800, theme: 'light', shows: themed, rules: false },
  { name: 'desktop dark', width: 1280, height: 800, theme: 'dark', shows: all, rules: true },
  { name: 'lying phone', width: 740, height: 360, theme: 'dark', shows: fillsPage, rules: false },
  { name: 'tablet', width: 768, height: 1024, theme: 'dark', shows: fillsPage, rules: false },
  {
    name: 'forced colours',
    width: 1280,
    height: 800,
    theme: 'dark',
    forcedColors: true,
    shows: fillsPage,
    rules: false,
  },
  { name: 'ultrawide', width: 3440, height: 1440, theme: 'dark', shows: ({ ultrawide }) => ultrawide, rules: false },
];

// Nobody reads a film of hundreds of pictures; what failed says so by name, and its picture is kept.
test.use({ trace: 'off' });
// Half a minute on a free machine.
test.describe.configure({ timeout: 240_000 });

for (const screen of SCREENS) {
  test(`${screen.name}: every story can be read and used`, async ({ page, stories }, testInfo) => {
    const faults: Record<string, unknown> = {};
    page.on('pageerror', (error) => (faults['thrown'] = error.message));
    await page.setViewportSize({ width: screen.width, height: screen.height });
    await page.emulateMedia({
      colorScheme: screen.theme,
      reducedMotion: 'reduce',
      forcedColors: screen.forcedColors === true ? 'active' : 'none',
    });
    await page.goto(`${stories.origin}/stories/index.html`);
    if (screen.rules) await page.evaluate(axe.source);
    const shown = (await page.evaluate(() => window.stories.list())).filter(screen.shows);
    expect(shown.length, 'there are stories').toBeGreaterThan(0);
    for (const { id } of shown) {
      await page.evaluate((story) => window.stories.show(story), id);
      const picture = join(testInfo.project.outputDir, 'stories', screen.name, `${id}.jpg`);
      await mkdir(dirname(picture), { recursive: true });
      await page.screenshot({ path: picture, type: 'jpeg', quality: 80 });
      const found = [...(await page.evaluate(findFaults)), ...(screen.rules ? await barriers(page) : [])];
      if (found.length > 0) faults[id] = found;
    }
    expect(faults, 'nothing is out of reach and nothing was thrown').toEqual({});
  });
}

/** The rules of axe whose breach keeps somebody out. */
async function barriers(page: Page): Promise<string[]> {
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  const { violations } = await page.evaluate(
    (tags) => window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }),
    rules,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ help, nodes }) => nodes.map(({ html, any }) => `${help}: ${html} ${any[0]?.message ?? ''}`));
}
