import { expect } from '@playwright/test';
import type { MeetingHost } from '../pages/meeting-host';
import type { MeetingPage } from '../pages/meeting-page';
import { installFrameClock } from './frame-clock';
import type { BrowserOptions } from './people';

const NAMES = ['Ana', 'Ben', 'Cleo', 'Dan'] as const;
type Name = (typeof NAMES)[number];

/** How long a picture may stay away once the server answers again, in milliseconds; what is aimed for is 5,000. */
const RETURN_LIMIT = 30_000;

/** A pause between frames that people notice, in milliseconds; on a busy machine they come a third of a second apart. */
const NOTICED = 700;

/** Four people in a room who all see and hear each other. */
export class Gathering {
  private constructor(readonly pages: readonly MeetingPage[]) {}

  /**
   * Ben has turned his microphone off, and Cleo her camera.
   *
   * @param browser - what is special about somebody's browser
   */
  static async start(host: MeetingHost, room: string, browser?: (name: Name) => BrowserOptions): Promise<Gathering> {
    const pages: MeetingPage[] = [];
    for (const name of NAMES) {
      const page = await host.person(name, browser?.(name));
      await page.person.context.addInitScript(installFrameClock);
      await page.openRoom(room);
      await page.expectState('prejoin');
      await page.join();
      await page.expectState('joined');
      pages.push(page);
    }
    const gathering = new Gathering(pages);
    await gathering.page('Ben').turnOff('microphone');
    await gathering.page('Cleo').turnOff('camera');
    await gathering.expectComplete();
    return gathering;
  }

  /** One of the four. */
  page(name: Name): MeetingPage {
    const found = this.pages.find((page) => page.name === name);
    if (found === undefined) throw new Error(`${name} is not here`);
    return found;
  }

  /** Waits until each page shows and plays everybody else as they are. All are looked at together: each look takes its time. */
  async expectComplete(): Promise<void> {
    await Promise.all(this.pages.map((page) => this.expectCompleteAt(page)));
  }

  private async expectCompleteAt(page: MeetingPage): Promise<void> {
    await expect(page.tiles, `${page.name} sees a tile for everybody`).toHaveCount(NAMES.length);
    const others = this.others(page).map(({ person }) => person);
    await Promise.all([
      ...others.flatMap((person) => [
        page.expectTold(person, 'microphone', person.name === 'Ben' ? 'off' : 'on'),
        page.expectTold(person, 'camera', person.name === 'Cleo' ? 'off' : 'on'),
      ]),
      ...others.filter(({ name }) => name !== 'Cleo').map((person) => page.expectSees(person)),
      page.expectHears(others.filter(({ name }) => name !== 'Ben')),
    ]);
  }

  /** What has to stay the same in each page: who is where, under which name, with microphone and camera on or off. */
  scenes(): Promise<readonly (readonly string[])[]> {
    return Promise.all(this.pages.map((page) => page.scene()));
  }

  /** The peers of everybody, which a new server gives anew. */
  peers(): Promise<readonly string[]> {
    return Promise.all(this.pages.map((page) => page.peerId()));
  }

  /**
   * Waits until all pictures have moved again in every page, sent by other peers than these; for each page the milliseconds
   * from `since`, a time of the system's clock, to the first frame of the last of them.
   */
  returned(former: readonly string[], since: number): Promise<readonly number[]> {
    return Promise.all(this.pages.map((page) => this.returnedTo(page, former, since)));
  }

  private async returnedTo(page: MeetingPage, former: readonly string[], since: number): Promise<number> {
    const question = { names: this.picturesOf(page), former, since };
    const firsts = (): Promise<(number | null)[]> =>
      page.page.evaluate((of) => of.names.map((name) => window.frameClock.first(name, of.since, of.former)), question);
    await expect
      .poll(firsts, { message: `${page.name} sees everybody again`, timeout: RETURN_LIMIT, intervals: [100] })
      .not.toContain(null);
    return Math.max(...(await firsts()).map((at) => (at ?? Infinity) - since));
  }

  /** For each page the longest time without a frame of somebody who has a camera, since then. */
  async gaps(since: number): Promise<readonly number[]> {
    return (await this.longestGaps(since)).map(({ from, to }) => to - from);
  }

  /**
   * For each page when the longest of its gaps between frames since then was over; then, when it had none that anybody notices.
   * Frames are never quite even: the longest pause between them says nothing by itself.
   */
  async gapEnds(since: number): Promise<readonly number[]> {
    return (await this.longestGaps(since)).map(({ from, to }) => (to - from < NOTICED ? since : to));
  }

  private longestGaps(since: number): Promise<readonly { readonly from: number; readonly to: number }[]> {
    return Promise.all(
      this.pages.map((page) =>
        page.page.evaluate(
          (of) =>
            of.names
              .map((name) => window.frameClock.gap(name, of.since))
              .reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a)),
          { names: this.picturesOf(page), since },
        ),
      ),
    );
  }

  /** For each page the longest time since then for which it said that it is in the call while no picture moved. */
  pretences(since: number): Promise<readonly number[]> {
    return Promise.all(this.pages.map(({ page }) => page.evaluate((from) => window.frameClock.pretence(from), since)));
  }

  /** Whose pictures that page shows. */
  private picturesOf(page: MeetingPage): readonly Name[] {
    return NAMES.filter((name) => name !== page.name && name !== 'Cleo');
  }

  private others(page: MeetingPage): MeetingPage[] {
    return this.pages.filter((other) => other !== page);
  }
}
