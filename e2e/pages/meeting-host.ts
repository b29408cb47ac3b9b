import { expect } from '@playwright/test';
import type { BrowserOptions, People, Person } from '../support/people';
import type { Meeting } from '../support/servers';
import { MeetingPage } from './meeting-page';

/** Brings people to the product's page. */
export class MeetingHost {
  private readonly guests: Person[] = [];
  /** Other ways to the meeting that somebody took. */
  private readonly detours: string[] = [];

  constructor(
    readonly meeting: Meeting,
    private readonly people: People,
  ) {}

  /** A person with an empty page. */
  async person(name: string, options?: BrowserOptions): Promise<MeetingPage> {
    const person = await this.people.browser(name, options);
    this.guests.push(person);
    if (options?.origin !== undefined) this.detours.push(options.origin);
    return new MeetingPage(person, options?.origin ?? this.meeting.origin);
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

  /** Checks that no page threw, broke its content security policy or talked to a third party. */
  expectGoodConduct(): void {
    const ours = [...this.meeting.origins, ...this.detours];
    for (const { name, conduct } of this.guests) {
      expect(conduct.errors, `${name}'s page has no errors`).toEqual([]);
      const strangers = [...conduct.contacted].filter((origin) => !ours.includes(origin));
      expect(strangers, `${name}'s page talks to nobody but us`).toEqual([]);
    }
  }
}
