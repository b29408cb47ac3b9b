import type { BrowserOptions, People } from '../support/people';
import type { Meeting } from '../support/servers';
import { MeetingPage } from './meeting-page';

/** Brings people to the product's page. */
export class MeetingHost {
  constructor(
    readonly meeting: Meeting,
    private readonly people: People,
  ) {}

  /** A person with an empty page. */
  async person(name: string, options?: BrowserOptions): Promise<MeetingPage> {
    return new MeetingPage(await this.people.browser(name, options), this.meeting.origin);
  }

  /** Somebody who stands before the door: the pre-join screen of a room. */
  async atDoor(name: string, room: string, options?: BrowserOptions): Promise<MeetingPage> {
    const page = await this.person(name, options);
    await page.openRoom(room);
    await page.expectState('prejoin');
    return page;
  }

  /** Somebody who followed the room's link, typed a name, clicked "Join" and is in. */
  async join(name: string, room: string, options?: BrowserOptions): Promise<MeetingPage> {
    const page = await this.atDoor(name, room, options);
    await page.join();
    await page.expectState('joined');
    return page;
  }
}
