import type { Preferences, RememberedDevice } from '../session/preferences';
import { Store } from '../ui/store';
import { acquire, type Acquired, type DeviceWish, type Wishes } from './acquire';
import { DEVICE_KINDS, type DeviceKind, type MediaEdges } from './edges';
import { added, listDevices, NO_DEVICES, type DeviceLists } from './lists';
import { activeId, isOn, NO_DEVICES_YET, type DeviceEvent, type DevicesState, type KindState } from './state';

/** Longer leaves somebody silent after unplugging, shorter mistakes a slow system for a page without focus. */
const LIST_PATIENCE_MS = 800;

type Chosen = DevicesState['chosen'];

export interface DevicesOptions {
  readonly edges: MediaEdges;
  /** Devices of earlier visits. */
  readonly remembered: Pick<Preferences, DeviceKind | 'speaker'>;
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
  private watches: (() => void)[] = [];

  constructor(private readonly options: DevicesOptions) {
    this.store = new Store<DevicesState>({
      ...NO_DEVICES_YET,
      chosen: options.remembered,
      canChooseSpeaker: options.edges.canChooseSpeaker,
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
    this.options.edges.mediaDevices?.addEventListener('devicechange', this.onDeviceChange);
    this.unwatch();
    this.watches = DEVICE_KINDS.map((kind) =>
      this.options.edges.watchPermission(kind, () => void this.onPermissionChange(kind)),
    );
    for (const kind of DEVICE_KINDS) this.patch(kind, { wanted: wanted[kind] });
    await this.ask(DEVICE_KINDS.filter((kind) => wanted[kind] && !this.get()[kind].track));
    // Nothing was asked for: the lists are still of use.
    if (this.get().lists === NO_DEVICES) void this.refreshLists();
  }

  /** Releases everything. */
  stop(): void {
    this.options.edges.mediaDevices?.removeEventListener('devicechange', this.onDeviceChange);
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
    } else if (track) {
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
    await this.ask(DEVICE_KINDS.filter((kind) => this.get()[kind].wanted && !this.get()[kind].track));
  }

  /** Uses another device, and remembers it. */
  async choose(kind: DeviceKind, id: string): Promise<void> {
    const device = this.get().lists[kind].find((option) => option.id === id);
    if (!device) return;
    this.choices({ [kind]: device });
    if (this.get()[kind].wanted) await this.ask([kind], { deviceId: id, exactly: true });
    else this.release(kind);
  }

  chooseSpeaker(id: string): void {
    const device = this.get().lists.speaker.find((option) => option.id === id);
    if (device) this.choices({ speaker: device });
  }

  /** The chosen speaker did not work: back to the system's one, for this visit. */
  speakerFailed(): void {
    const { speaker, ...chosen } = this.get().chosen;
    if (!speaker) return;
    this.store.set({ ...this.get(), chosen });
    this.options.onEvent({ type: 'speakerGone' });
  }

  /** Front ↔ back on phones, the next camera elsewhere. */
  async flipCamera(): Promise<void> {
    const { camera, lists } = this.get();
    const facing = camera.track?.getSettings().facingMode;
    if (facing === 'user' || facing === 'environment') {
      await this.ask(['camera'], { facing: facing === 'user' ? 'environment' : 'user' });
      return;
    }
    const at = lists.camera.findIndex((option) => option.id === activeId(this.get(), 'camera'));
    const next = lists.camera[(at + 1) % lists.camera.length];
    if (next) await this.choose('camera', next.id);
  }

  private async ask(kinds: readonly DeviceKind[], special?: DeviceWish): Promise<void> {
    if (kinds.length === 0) return;
    const turns = new Map(kinds.map((kind) => [kind, (this.asked[kind] += 1)]));
    const wishes: Wishes = Object.fromEntries(
      kinds.map((kind) => [kind, special ?? { deviceId: this.get().chosen[kind]?.id }]),
    );
    for (const kind of kinds) {
      // The old one goes first: phones cannot open two cameras, some systems not two microphones.
      this.release(kind);
      this.patch(kind, { asking: true, problem: null });
    }
    const results = await acquire(this.options.edges, wishes);
    for (const [kind, result] of results) {
      if (this.asked[kind] === turns.get(kind)) this.accept(kind, result);
      else if ('track' in result) result.track.stop();
    }
    // Names come with permission. Not waited for: see `listsSoon`.
    void this.refreshLists().then(() => {
      if (special) return;
      for (const [kind, result] of results) if ('track' in result) this.compareWithMemory(kind, result.track);
    });
  }

  private accept(kind: DeviceKind, result: Acquired): void {
    if ('problem' in result) {
      this.patch(kind, { asking: false, problem: result.problem });
      this.options.onEvent({ type: 'failed', kind, problem: result.problem });
      return;
    }
    const { track } = result;
    track.addEventListener('ended', () => void this.onEnded(kind, track));
    this.patch(kind, { asking: false, track, problem: null });
  }

  /** Says when the remembered device was not there and the browser gave another one. */
  private compareWithMemory(kind: DeviceKind, track: MediaStreamTrack): void {
    const remembered = this.get().chosen[kind];
    const used = track.getSettings().deviceId;
    if (!remembered || used === undefined || used === remembered.id || this.get()[kind].track !== track) return;
    // Safari gives devices new ids in each session; the name tells.
    const same = this.get().lists[kind].find((option) => option.id === used && option.label === remembered.label);
    if (same) this.choices({ [kind]: same });
    else this.options.onEvent({ type: 'fallback', wanted: remembered.label, used: track.label });
  }

  /** The track ended by itself: unplugged, taken away, or permission withdrawn. */
  private async onEnded(kind: DeviceKind, track: MediaStreamTrack): Promise<void> {
    if (this.get()[kind].track !== track) return;
    const id = track.getSettings().deviceId;
    const { wanted } = this.get()[kind];
    this.patch(kind, { track: null });
    const lists = await this.listsSoon();
    if (!wanted || this.get()[kind].track || this.get()[kind].asking) return;
    const gone = !lists[kind].some((option) => option.id === id);
    // Speaking on should just work; a picture from another camera is for the person to decide.
    if (gone && kind === 'microphone' && lists.microphone.length > 0) {
      await this.ask([kind], {});
      const now = this.get().microphone.track;
      if (now) {
        this.options.onEvent({ type: 'switched', kind, used: now.label });
        return;
      }
    }
    const problem = gone ? 'unplugged' : 'ended';
    this.patch(kind, { problem });
    this.options.onEvent({ type: 'lost', kind, problem });
  }

  /** Allowed at last, in the browser's own settings: no need to ask the person for another press. */
  private async onPermissionChange(kind: DeviceKind): Promise<void> {
    const { problem } = this.get()[kind];
    if (problem !== 'denied' && problem !== 'dismissed') return;
    if ((await this.options.edges.permission(kind)) === 'granted') await this.retry();
  }

  private unwatch(): void {
    for (const stop of this.watches) stop();
    this.watches = [];
  }

  private readonly onDeviceChange = (): void => {
    const before = this.get().lists;
    void this.refreshLists().then((now) => {
      for (const kind of DEVICE_KINDS) {
        // Without earlier names everything looks new: that is permission, not plugging.
        const [device] = before[kind].length > 0 || this.get()[kind].problem ? added(before[kind], now[kind]) : [];
        if (device) this.options.onEvent({ type: 'plugged', kind, device });
      }
    });
  };

  /**
   * Firefox lists devices only to a page that has the focus, and makes others wait until it comes back: what must go
   * on without it is decided with the list of before.
   */
  private listsSoon(): Promise<DeviceLists> {
    const patience = new Promise<DeviceLists>((resolve) => {
      setTimeout(() => resolve(this.get().lists), LIST_PATIENCE_MS);
    });
    return Promise.race([this.refreshLists(), patience]);
  }

  private async refreshLists(): Promise<DeviceLists> {
    const devices = (await this.options.edges.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const lists = listDevices(devices);
    this.store.set({ ...this.get(), lists });
    return lists;
  }

  private choices(change: Partial<Record<DeviceKind | 'speaker', RememberedDevice>>): void {
    const chosen = { ...this.get().chosen, ...change };
    this.store.set({ ...this.get(), chosen });
    this.options.remember(chosen);
  }

  private release(kind: DeviceKind): void {
    this.get()[kind].track?.stop();
    this.patch(kind, { track: null });
  }

  private patch(kind: DeviceKind, change: Partial<KindState>): void {
    const state = this.get();
    this.store.set({ ...state, [kind]: { ...state[kind], ...change } });
  }
}
