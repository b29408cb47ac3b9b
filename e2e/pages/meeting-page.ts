import { expect, type Locator, type Page } from '@playwright/test';
import { expectMoving, expectPicture, expectVoices } from '../support/media';
import type { Person } from '../support/people';

/** What the document says about the call. */
export type CallState = 'home' | 'prejoin' | 'joining' | 'joined' | 'reconnecting' | 'left' | 'failed';

/** The two devices that have a button. */
export type Device = 'microphone' | 'camera';

/** The product's page in front of one person. The only place that knows its roles, names and attributes. */
export class MeetingPage {
  readonly page: Page;

  constructor(
    readonly person: Person,
    private readonly origin: string,
    page = person.page,
  ) {
    this.page = page;
  }

  get name(): string {
    return this.person.name;
  }

  // Getting there

  async openHome(): Promise<void> {
    await this.page.goto(this.origin);
  }

  async openRoom(room: string, query = ''): Promise<void> {
    await this.page.goto(`${this.origin}/room/${encodeURIComponent(room)}${query}`);
  }

  get roomNameField(): Locator {
    return this.page.getByRole('textbox', { name: 'Room name' });
  }

  get continueButton(): Locator {
    return this.page.getByRole('button', { name: 'Continue' });
  }

  get nameField(): Locator {
    return this.page.getByRole('textbox', { name: 'Your name' });
  }

  get joinButton(): Locator {
    return this.page.getByRole('button', { name: 'Join', exact: true });
  }

  async join(): Promise<void> {
    await this.nameField.fill(this.name);
    await this.joinButton.click();
  }

  /** The same tab duplicated by its user: the copy starts with the original's session storage. */
  async duplicateTab(): Promise<MeetingPage> {
    const [page] = await Promise.all([
      this.person.context.waitForEvent('page'),
      this.page.evaluate(() => void window.open(location.href)),
    ]);
    return new MeetingPage(this.person, this.origin, page);
  }

  /** The same person goes on here, on another device: with what the old tab knows, as after a reload. */
  async takeOverFrom(old: MeetingPage): Promise<void> {
    const known = await old.page.evaluate(() => Object.entries<string>(sessionStorage));
    await this.openHome();
    await this.page.evaluate((entries) => {
      for (const [key, value] of entries) sessionStorage.setItem(key, value);
    }, known);
    await this.page.goto(old.page.url());
  }

  // State

  private get stateElement(): Locator {
    return this.page.locator('[data-call-state]');
  }

  async expectState(state: CallState, timeout?: number): Promise<void> {
    await expect(this.stateElement, `${this.name}'s page is ${state}`).toHaveAttribute(
      'data-call-state',
      state,
      timeout === undefined ? {} : { timeout },
    );
  }

  async expectFailure(code: string): Promise<void> {
    await this.expectState('failed');
    await expect(this.stateElement).toHaveAttribute('data-error-code', code);
    await expect(this.page.getByRole('main').getByRole('heading').first(), 'it says what happened').toBeVisible();
  }

  /** The first button of an error screen: the likeliest cure. */
  get cure(): Locator {
    return this.page.getByRole('main').getByRole('button').first();
  }

  // In the room

  /** Tiles of people, one's own included. */
  get tiles(): Locator {
    return this.page.locator('[data-peer-id][data-peer-name]');
  }

  tile(name: string): Locator {
    return this.page.locator(`[data-peer-name="${name}"]`);
  }

  get ownTile(): Locator {
    return this.page.locator('[data-peer-id][data-self="true"]');
  }

  /** Makes that person large, and small again. */
  pinButton(name: string): Locator {
    return this.tile(name).getByRole('button', { name: `Pin ${name}` });
  }

  get leaveButton(): Locator {
    return this.page.getByRole('button', { name: 'Leave', exact: true });
  }

  get copyLinkButton(): Locator {
    return this.page.getByRole('button', { name: 'Copy link' });
  }

  get shareButton(): Locator {
    return this.page.getByRole('button', { name: 'Share your screen' });
  }

  /** Turns the camera of a phone around. */
  get switchCamera(): Locator {
    return this.page.getByRole('button', { name: 'Use the other camera' });
  }

  get stopSharingButton(): Locator {
    return this.page.getByRole('button', { name: 'Stop sharing' });
  }

  /** The tile of a person's shared screen. */
  shareOf(personId: string): Locator {
    return this.page.locator(`[data-share-of="${personId}"]`);
  }

  /** What the door says about the devices. */
  get deviceStatus(): Locator {
    return this.page.getByRole('main').getByRole('status');
  }

  get tryAgain(): Locator {
    return this.page.getByRole('button', { name: 'Try again' });
  }

  turnOffButton(device: Device): Locator {
    return this.page.getByRole('button', { name: `Turn off ${device}` });
  }

  turnOnButton(device: Device): Locator {
    return this.page.getByRole('button', { name: `Turn on ${device}` });
  }

  /** The buttons below the pictures. */
  get bar(): Locator {
    return this.page.getByRole('toolbar', { name: 'Controls' });
  }

  /** The name that a tile shows. */
  nameOn(tile: Locator): Locator {
    return tile.getByTestId('tile-name');
  }

  async openMore(): Promise<void> {
    await this.page.getByRole('button', { name: 'More', exact: true }).click();
  }

  /** Everybody in the room, beside the pictures. */
  get peopleList(): Locator {
    return this.page.getByRole('complementary', { name: 'In the room' });
  }

  /** The list of keys. */
  get shortcuts(): Locator {
    return this.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  deviceChoice(kind: 'Microphone' | 'Camera' | 'Speaker'): Locator {
    return this.page.getByRole('combobox', { name: kind });
  }

  /** A notice over the page that says this. */
  notice(text: string): Locator {
    return this.page.getByTestId('notice').filter({ hasText: text });
  }

  /** What is said while sound and picture find no way. */
  get noMedia(): Locator {
    return this.page.getByRole('region', { name: 'Sound and picture do not get through' });
  }

  /** What screen readers are told last. */
  get announcements(): Locator {
    return this.page.getByTestId('announcements');
  }

  get joinAgain(): Locator {
    const name = 'Join again';
    return this.page.getByRole('button', { name }).or(this.page.getByRole('link', { name }));
  }

  async turnOff(device: Device): Promise<void> {
    await this.page.getByRole('button', { name: `Turn off ${device}` }).click();
    await expect(this.page.getByRole('button', { name: `Turn on ${device}` })).toBeVisible();
  }

  async turnOn(device: Device): Promise<void> {
    await this.page.getByRole('button', { name: `Turn on ${device}` }).click();
    await expect(this.page.getByRole('button', { name: `Turn off ${device}` })).toBeVisible();
  }

  async peerId(): Promise<string> {
    const id = await this.ownTile.getAttribute('data-peer-id');
    if (id === null) throw new Error(`${this.name} has no tile`);
    return id;
  }

  async personId(): Promise<string> {
    const id = await this.ownTile.getAttribute('data-person-id');
    if (id === null) throw new Error(`${this.name} has no tile`);
    return id;
  }

  /** Who is where, under which name, with microphone and camera on or off; nothing that a new connection changes. */
  scene(): Promise<string[]> {
    return this.tiles.evaluateAll((tiles) =>
      tiles.map((tile) => {
        const { left, top, width, height } = tile.getBoundingClientRect();
        const { personId, peerName, self, audio, video } = (tile as HTMLElement).dataset;
        const place = [left, top, width, height].map(Math.round).join(' ');
        return [personId, peerName, `self=${self}`, `audio=${audio}`, `video=${video}`, `at ${place}`].join(' ');
      }),
    );
  }

  // Seeing and hearing

  /** Waits until the tile of that person shows that person's picture. */
  async expectSees(other: Person): Promise<void> {
    await expectPicture(this.tile(other.name).locator('video'), other.id, `${other.name}'s`);
  }

  async expectMoving(other: Person): Promise<void> {
    await expectMoving(this.tile(other.name).locator('video'), `${other.name}'s`);
  }

  async expectHears(others: readonly Person[]): Promise<void> {
    await expectVoices(
      this.page,
      others.map(({ id }) => id),
      `at ${this.name}'s`,
    );
  }

  /** Waits until exactly these others are there, each seen in their own tile and heard. */
  async expectWith(others: readonly Person[]): Promise<void> {
    await expect(this.tiles, `${this.name} sees a tile for everybody`).toHaveCount(others.length + 1);
    await Promise.all([...others.map((other) => this.expectSees(other)), this.expectHears(others)]);
  }

  /** Waits until the tile says about a device of that person what is true. */
  async expectTold(other: Person, device: Device, state: 'on' | 'off'): Promise<void> {
    const attribute = device === 'camera' ? 'data-video' : 'data-audio';
    await expect(
      this.tile(other.name),
      `${this.name} is told that ${other.name}'s ${device} is ${state}`,
    ).toHaveAttribute(attribute, state);
  }
}
