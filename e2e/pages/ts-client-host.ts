import { expect, type Locator } from '@playwright/test';
import type { SeenPeer, Source } from '../fixtures/ts-client/api';
import { expectPicture, expectVoices } from '../support/media';
import type { BrowserOptions, People, Person } from '../support/people';

/** Where and as whom somebody joins with the published client. */
export interface Entrance extends BrowserOptions {
  /** Where the media server is, without the socket's path. */
  readonly url: string;
  readonly token: string;
  readonly publish?: readonly Source[];
}

/** Brings people to a page with the unmodified published client. */
export class TsClientHost {
  constructor(
    private readonly people: People,
    /** Origin of the page. */
    readonly origin: string,
  ) {}

  /** Opens the page without joining. */
  async open(name: string, options: BrowserOptions = {}): Promise<TsClientUser> {
    const person = await this.people.browser(name, options);
    await person.page.goto(this.origin);
    return new TsClientUser(person);
  }

  /** Opens the page and joins. */
  async join(name: string, entrance: Entrance): Promise<TsClientUser> {
    const user = await this.open(name, entrance);
    await user.join(entrance);
    return user;
  }
}

/** Somebody in front of a page with the published client. */
export class TsClientUser {
  private ownPeerId: string | null = null;

  constructor(readonly person: Person) {}

  /** The id that the media server gave. */
  get peerId(): string {
    if (this.ownPeerId === null) throw new Error(`${this.person.name} has not joined`);
    return this.ownPeerId;
  }

  async join({ url, token, publish = ['camera', 'microphone'] }: Entrance): Promise<void> {
    const metadata = { displayName: this.person.name };
    this.ownPeerId = await this.person.page.evaluate((options) => window.tsClient.join(options), {
      url,
      token,
      publish,
      metadata,
    });
  }

  publish(source: Source): Promise<void> {
    return this.person.page.evaluate((what) => window.tsClient.publish(what), source);
  }

  /** Publishes without waiting for the end of the negotiation, which may never come. */
  startPublishing(source: Source): Promise<void> {
    return this.person.page.evaluate((what) => void window.tsClient.publish(what), source);
  }

  mute(source: Source): Promise<void> {
    return this.person.page.evaluate((what) => window.tsClient.mute(what), source);
  }

  unmute(source: Source): Promise<void> {
    return this.person.page.evaluate((what) => window.tsClient.unmute(what), source);
  }

  unpublish(source: Source): Promise<void> {
    return this.person.page.evaluate((what) => window.tsClient.unpublish(what), source);
  }

  rename(displayName: string): Promise<void> {
    return this.person.page.evaluate((name) => window.tsClient.rename(name), displayName);
  }

  leave(): Promise<void> {
    return this.person.page.evaluate(() => window.tsClient.leave());
  }

  closes(): Promise<readonly { readonly code: number; readonly reason: string }[]> {
    return this.person.page.evaluate(() => window.tsClient.closes());
  }

  events(): Promise<readonly string[]> {
    return this.person.page.evaluate(() => window.tsClient.events());
  }

  peers(): Promise<readonly SeenPeer[]> {
    return this.person.page.evaluate(() => window.tsClient.peers());
  }

  /** The video elements of a peer. */
  videoOf(peerId: string): Locator {
    return this.person.page.locator(`video[data-peer-id="${peerId}"]`);
  }

  /** Waits until exactly these others are seen and heard, each under the right id. */
  async expectSeesAndHears(others: readonly { readonly person: Person; readonly peerId: string }[]): Promise<void> {
    const voices = others.map(({ person }) => person.id);
    await Promise.all([
      ...others.map(({ person, peerId }) => expectPicture(this.videoOf(peerId), person.id, `${person.name}'s`)),
      expectVoices(this.person.page, voices, `at ${this.person.name}'s`),
    ]);
    await expect(this.person.page.locator('video'), 'nobody else is shown').toHaveCount(others.length);
  }
}
