import { Store } from '../ui/store';
import { acquire, type Acquired, type DeviceWish, type Wishes } from './acquire';
import { Choices } from './choices';
import { DEVICE_KINDS, type DeviceKind, type MediaEdges } from './edges';
import { facingOf, opposite, type Facing } from './facing';
import { isListed, NO_DEVICES, type DeviceLists, type DeviceOption } from './lists';
import { ListWatch } from './listWatch';
import { offers, substitute } from './plugging';
import { classifyEnd, type DeviceProblem } from './problem';
import {
  activeId,
  isOn,
  NO_DEVICES_YET,
  type Chosen,
  type DeviceEvent,
  type DevicesState,
  type KindState,
} from './state';
import { watchTrack } from './watchTrack';

export interface DevicesOptions {
  readonly edges: MediaEdges;
  /** Devices of earlier visits. */
  readonly remembered: Chosen;
  readonly remember: (chosen: Chosen) => void;
  readonly onEvent: (event: DeviceEvent) => void;
}

/**
 * Owns microphone and camera: which ones, on or off, and what keeps them from working. Knows nothing of calls.
 * A microphone that is off stays open but silent, so that it is back at once; a camera that is off is released, so
 * that its light goes out.
 */
export class Devices {
  private readonly store: Store<DevicesState>;
  /** Counts what was asked for per kind, so that an answer which nobody waits for any more is recognised. */
  private readonly asked = { microphone: 0, camera: 0 };
  /** Which way the camera was turned in this visit; choosing one by name ends that. */
  private facing: Facing | null = null;
  private watches: (() => void)[] = [];
  private readonly listWatch: ListWatch;
  private readonly choices: Choices;

  constructor(private readonly options: DevicesOptions) {
    this.store = new Store<DevicesState>({
      ...NO_DEVICES_YET,
      chosen: options.remembered,
      canChooseSpeaker: options.edges.canChooseSpeaker,
    });
    this.choices = new Choices(this.store, options);
    this.listWatch = new ListWatch({
      edges: options.edges,
      current: () => this.get().lists,
      onRead: (lists) => this.acceptLists(lists),
      onPlugging: (before, now) => {
        for (const offer of offers(before, now, this.get())) options.onEvent({ type: 'plugged', offer });
      },
    });
  }

  get get() {
    return this.store.get;
  }

  get subscribe() {
    return this.store.subscribe;
  }

  /** Begins to listen to plugging; asks for what is wanted. Resolves when the browser has answered. */
  async start(wanted: Record<DeviceKind, boolean>): Promise<void> {
    this.listWatch.start();
    this.unwatch();
    this.watches = DEVICE_KINDS.map((kind) =>
      this.options.edges.watchPermission(kind, () => void this.onPermissionChange(kind)),
    );
    for (const kind of DEVICE_KINDS) this.patch(kind, { wanted: wanted[kind] });
    await this.ask(DEVICE_KINDS.filter((kind) => wanted[kind] && !this.get()[kind].track));
    // Nothing was asked for: the lists are still of use.
    if (this.get().lists === NO_DEVICES) void this.listWatch.read();
  }

  /** Releases everything. */
  stop(): void {
    this.listWatch.stop();
    this.unwatch();
    for (const kind of DEVICE_KINDS) {
      this.asked[kind] += 1;
      this.release(kind);
      this.patch(kind, { asking: false, problem: null });
    }
  }

  /** Turns on or off. */
  async setOn(kind: DeviceKind, on: boolean): Promise<void> {
    const { track } = this.get()[kind];
    if (!on) {
      this.asked[kind] += 1;
      if (kind === 'camera') this.release(kind);
      else if (track) track.enabled = false;
      this.patch(kind, { wanted: false, asking: false, problem: null });
    } else if (track && !track.muted) {
      track.enabled = true;
      this.patch(kind, { wanted: true, problem: null });
    } else {
      this.patch(kind, { wanted: true });
      await this.ask([kind]);
    }
  }

  async toggle(kind: DeviceKind): Promise<void> {
    await this.setOn(kind, !isOn(this.get()[kind]));
  }

  /** Asks again for what is wanted and does not work. */
  async retry(): Promise<void> {
    const { get } = this;
    await this.ask(DEVICE_KINDS.filter((kind) => get()[kind].wanted && !isOn(get()[kind]) && !get()[kind].asking));
  }

  /** Uses another device, and remembers it. */
  async choose(kind: DeviceKind, id: string): Promise<void> {
    const device = this.get().lists[kind].find((option) => option.id === id);
    if (!device) return;
    if (kind === 'camera') this.facing = null;
    const before = this.choices.now[kind];
    this.choices.set(kind, device);
    if (!this.get()[kind].wanted) this.release(kind);
    else if (!(await this.swap(kind, { deviceId: id, exactly: true }, device.label))) this.choices.set(kind, before);
  }

  chooseSpeaker(id: string): void {
    this.choices.chooseSpeaker(id);
  }

  /** The chosen speaker did not work. */
  speakerFailed(): void {
    this.choices.speakerFailed();
  }

  /** Front ↔ back on phones, the next camera elsewhere. */
  async flipCamera(): Promise<void> {
    const { camera, lists } = this.get();
    const facing = camera.track && facingOf(camera.track);
    if (facing) {
      const wish = opposite(facing);
      if (await this.swap('camera', { facing: wish }, null)) this.facing = wish;
      return;
    }
    const at = lists.camera.findIndex((option) => option.id === activeId(this.get(), 'camera'));
    const next = lists.camera[(at + 1) % lists.camera.length];
    if (next) await this.choose('camera', next.id);
  }

  private async ask(kinds: readonly DeviceKind[], special?: DeviceWish): Promise<void> {
    if (kinds.length === 0) return;
    const turns = this.begin(kinds);
    const wishes: Wishes = Object.fromEntries(kinds.map((kind) => [kind, special ?? this.wish(kind)]));
    void this.tellOfQuestion(kinds);
    const results = await acquire(this.options.edges, wishes);
    for (const [kind, result] of results) this.finish(kind, turns, result);
    // Names come with permission. Not waited for: see `readSoon`.
    void this.listWatch.read().then(() => {
      if (special) return;
      for (const [kind, result] of results) if ('track' in result) this.compareWithMemory(kind, result.track);
    });
  }

  /** Changes to another device; when that does not start, back to the one before. Resolves with whether it did. */
  private async swap(kind: DeviceKind, wish: DeviceWish, wanted: string | null): Promise<boolean> {
    const before = this.get()[kind].track?.getSettings().deviceId;
    const turns = this.begin([kind]);
    const ask = async (now: DeviceWish): Promise<Acquired> =>
      (await acquire(this.options.edges, { [kind]: now })).get(kind) ?? { problem: 'failed' };
    const first = await ask(wish);
    const failed = 'problem' in first && before !== undefined && this.asked[kind] === turns.get(kind);
    const result = failed ? await ask({ deviceId: before }) : first;
    this.finish(kind, turns, result);
    void this.listWatch.read();
    if (failed && 'track' in result) {
      this.options.onEvent({ type: 'choiceFailed', wanted, used: result.track.label });
    }
    return !failed;
  }

  private wish(kind: DeviceKind): DeviceWish {
    if (kind === 'camera' && this.facing) return { facing: this.facing };
    return { deviceId: this.choices.now[kind]?.id };
  }

  private begin(kinds: readonly DeviceKind[]): ReadonlyMap<DeviceKind, number> {
    for (const kind of kinds) {
      // The old one goes first: phones cannot open two cameras, some systems not two microphones.
      this.release(kind);
      this.patch(kind, { asking: true, problem: null });
    }
    return new Map(kinds.map((kind) => [kind, (this.asked[kind] += 1)]));
  }

  private finish(kind: DeviceKind, turns: ReadonlyMap<DeviceKind, number>, result: Acquired): void {
    const current = this.asked[kind] === turns.get(kind);
    if (!current && 'track' in result) result.track.stop();
    else if (current) this.accept(kind, result);
  }

  private accept(kind: DeviceKind, result: Acquired): void {
    if ('problem' in result) {
      this.patch(kind, { asking: false, problem: result.problem });
      this.options.onEvent({ type: 'failed', kind, problem: result.problem });
      return;
    }
    const { track } = result;
    watchTrack(track, {
      ended: () => void this.onEnded(kind, track),
      interrupted: (now) => this.onInterrupted(kind, track, now),
    });
    this.patch(kind, { asking: false, track, problem: null });
  }

  /** The reason for the question is shown while the question is: never for a browser that has its answer already. */
  private async tellOfQuestion(kinds: readonly DeviceKind[]): Promise<void> {
    const permissions = await Promise.all(kinds.map((kind) => this.options.edges.permission(kind)));
    const open = kinds.some(
      (kind, at) => this.get()[kind].asking && permissions[at] !== 'granted' && permissions[at] !== 'denied',
    );
    if (open) this.store.set({ ...this.get(), prompting: true });
  }

  private compareWithMemory(kind: DeviceKind, track: MediaStreamTrack): void {
    // Who turned the camera around did not ask for a device.
    if (kind !== 'camera' || this.facing === null) this.choices.compare(kind, track);
  }

  /** The track ended by itself: unplugged, taken away, or permission withdrawn. */
  private async onEnded(kind: DeviceKind, track: MediaStreamTrack): Promise<void> {
    if (this.get()[kind].track !== track) return;
    const settings = track.getSettings();
    const { wanted } = this.get()[kind];
    this.patch(kind, { track: null });
    const lists = await this.listWatch.readSoon();
    // Read last: while the lists were read it may have been withdrawn.
    const permission = await this.options.edges.permission(kind);
    if (!wanted || this.get()[kind].track || this.get()[kind].asking) return;
    const problem = classifyEnd(isListed(lists[kind], settings), permission);
    const instead = problem === 'unplugged' ? substitute(lists[kind], settings) : null;
    // Speaking on should just work; a picture from another camera is for the person to decide.
    if (instead && kind === 'microphone') {
      await this.ask([kind], {});
      const now = this.get().microphone.track;
      if (now) this.options.onEvent({ type: 'switched', kind, lost: track.label, used: now.label });
      return;
    }
    this.lose(kind, problem, instead);
  }

  private lose(kind: DeviceKind, problem: DeviceProblem, instead: DeviceOption | null): void {
    this.patch(kind, { problem });
    this.options.onEvent({ type: 'lost', kind, problem, instead });
  }

  private onInterrupted(kind: DeviceKind, track: MediaStreamTrack, now: boolean): void {
    const state = this.get()[kind];
    if (state.track !== track || !state.wanted) return;
    this.patch(kind, { problem: now ? 'interrupted' : null });
    if (now) this.options.onEvent({ type: 'lost', kind, problem: 'interrupted', instead: null });
  }

  /** Changed in the browser's own settings. */
  private async onPermissionChange(kind: DeviceKind): Promise<void> {
    // A question that is open may have been decided by how things stood before.
    await this.answered(kind);
    const permission = await this.options.edges.permission(kind);
    const { wanted, track, problem } = this.get()[kind];
    const isRefused = problem === 'denied' || problem === 'dismissed';
    // Allowed at last: no need to ask the person for another press.
    if (permission === 'granted' && isRefused) await this.retry();
    // A browser may take a device away before it says that it is blocked.
    if (permission === 'denied' && wanted && !track && problem && !isRefused) this.lose(kind, 'denied', null);
  }

  private answered(kind: DeviceKind): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.get()[kind].asking) return;
        stop();
        resolve();
      };
      const stop = this.subscribe(check);
      check();
    });
  }

  private unwatch(): void {
    for (const stop of this.watches) stop();
    this.watches = [];
  }

  private acceptLists(lists: DeviceLists): void {
    this.store.set({ ...this.get(), lists });
    this.choices.checkSpeaker(lists.speaker);
  }

  private release(kind: DeviceKind): void {
    this.get()[kind].track?.stop();
    this.patch(kind, { track: null });
  }

  private patch(kind: DeviceKind, change: Partial<KindState>): void {
    const state = { ...this.get(), [kind]: { ...this.get()[kind], ...change } };
    const prompting = state.prompting && DEVICE_KINDS.some((each) => state[each].asking);
    this.store.set({ ...state, prompting });
  }
}
