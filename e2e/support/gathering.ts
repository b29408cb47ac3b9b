import { expect } from '@playwright/test';
import type { MeetingHost } from '../pages/meeting-host';
import type { MeetingPage } from '../pages/meeting-page';
import { installFrameClock } from './frame-clock';

const NAMES = ['Ana', 'Ben', 'Cleo', 'Dan'] as const;

/** How long a picture may stay away once the server answers again, in milliseconds; what is aimed for is 5,000. */
const RETURN_LIMIT = 30_000;

/** Four people in a room who all see and hear each other. */
export class Gathering {
  private constructor(readonly pages: readonly MeetingPage[]) {}

  /** Ben has turned his microphone off, and Cleo her camera. */
  static async start(host: MeetingHost, room: string): Promise<Gathering> {
    const pages: MeetingPage[] = [];
    for (const name of NAMES) {
      const page = await host.person(name);
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
  page(name: (typeof NAMES)[number]): MeetingPage {
    const found = this.pages.find((page) => page.name === name);
    if (found === undefined) throw new Error(`${name} is not here`);
    return found;
  }

  /** Waits until each page shows and plays everybody else as they are. */
  async expectComplete(): Promise<void> {
    for (const page of this.pages) {
      await expect(page.tiles, `${page.name} sees a tile for everybody`).toHaveCount(NAMES.length);
      for (const { person } of this.others(page)) {
        await page.expectTold(person, 'microphone', person.name === 'Ben' ? 'off' : 'on');
        await page.expectTold(person, 'camera', person.name === 'Cleo' ? 'off' : 'on');
        if (person.name !== 'Cleo') await page.expectSees(person);
      }
      await page.expectHears(this.others(page).flatMap(({ person }) => (person.name === 'Ben' ? [] : [person])));
    }
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
   * Waits until all pictures move again in every page, sent by other peers than these; for each page the milliseconds since
   * `since`, a time of the system's clock.
   */
  async returned(former: readonly string[], since: number): Promise<readonly number[]> {
    return Promise.all(this.pages.map((page) => this.returnedTo(page, former, since)));
  }

  private async returnedTo(page: MeetingPage, former: readonly string[], since: number): Promise<number> {
    const pictures = this.others(page).filter(({ name }) => name !== 'Cleo').length;
    const times = async (): Promise<number[]> => {
      const first = await page.page.evaluate(() => window.frameClock.first);
      return Object.entries(first).flatMap(([peer, time]) => (former.includes(peer) ? [] : [time - since]));
    };
    await expect
      .poll(async () => (await times()).length, { message: `${page.name} sees everybody again`, timeout: RETURN_LIMIT })
      .toBeGreaterThanOrEqual(pictures);
    return Math.max(...(await times()));
  }

  private others(page: MeetingPage): MeetingPage[] {
    return this.pages.filter((other) => other !== page);
  }
}
