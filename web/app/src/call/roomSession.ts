import type { RoomOptions } from '../app/route';
import { Devices } from '../devices/devices';
import { DEVICE_KINDS, type MediaEdges } from '../devices/edges';
import type { DeviceEvent } from '../devices/state';
import type { ScreenEdges } from '../screen/capture';
import { Screen } from '../screen/screen';
import { personNameFault, tidyPersonName } from '../session/personName';
import type { PreferenceChanges, Preferences } from '../session/preferences';
import { roomLink, type RoomLink } from '../session/roomLink';
import { t } from '../strings';
import { Notices } from '../ui/notices';
import { Store } from '../ui/store';
import { Announcer } from './announcer';
import { Call, type CallEdges } from './call';
import { deviceNotice, type DeviceCure } from './deviceNotices';

export interface RoomSessionOptions {
  readonly room: string;
  readonly options: RoomOptions;
  readonly preferences: Preferences;
  readonly remember: (changes: PreferenceChanges) => void;
  readonly media: MediaEdges;
  readonly screen: ScreenEdges;
  readonly call: CallEdges;
  /** Addresses of the home page for other computers, best first. */
  readonly addresses: () => Promise<readonly string[]>;
}

/** Everything that lives as long as the page shows one room: devices, the screen, the call, notices, announcements. */
export class RoomSession {
  readonly room: string;
  readonly devices: Devices;
  readonly screen: Screen;
  readonly call: Call;
  readonly notices = new Notices();
  /** What is given to others so that they come. */
  readonly link: Store<RoomLink>;
  /** The newest words for screen readers. */
  readonly announcer: Announcer;
  private unsubscribe = (): void => undefined;
  /** The name of the last attempt to join: a refused one leaves no stay behind. */
  private triedName: string | null = null;

  constructor(private readonly parts: RoomSessionOptions) {
    const { room, preferences, remember, media } = parts;
    this.room = room;
    this.link = new Store(roomLink(room));
    this.devices = new Devices({
      edges: media,
      remembered: preferences,
      remember,
      onEvent: (event) => this.onDeviceEvent(event),
    });
    this.screen = new Screen({
      edges: parts.screen,
      onProblem: (problem) => this.notices.add(t.shareProblems[problem]),
    });
    this.call = new Call({
      room,
      devices: this.devices,
      screen: this.screen,
      edges: parts.call,
      onShareRefused: () => this.onShareRefused(),
    });
    this.announcer = new Announcer(this.call);
  }

  /** The name to begin with: just typed, of the link, of the last stay, of the last visit. */
  get initialName(): string {
    const { options, preferences, call } = this.parts;
    return this.triedName ?? options.name ?? call.stays.read(this.room)?.name ?? preferences.name ?? '';
  }

  async start(): Promise<void> {
    void this.parts.addresses().then((addresses) => this.link.set(roomLink(this.room, addresses)));
    this.unsubscribe = this.call.subscribe(() => {
      const { phase } = this.call.get();
      this.announcer.update();
      // Nobody sees or hears them any more.
      if (phase === 'failed') this.devices.stop();
      if (phase !== 'joined' && phase !== 'reconnecting') this.screen.stop();
    });
    const stay = this.parts.call.stays.read(this.room);
    if (stay?.joined) await this.resume(stay);
    else await this.begin();
  }

  stop(): void {
    this.unsubscribe();
    this.announcer.stop();
    this.call.quit();
    this.devices.stop();
    this.screen.stop();
  }

  join(name: string): void {
    const tidy = tidyPersonName(name);
    this.triedName = tidy;
    this.parts.remember({ name: tidy });
    void this.call.join(tidy);
  }

  leave(): void {
    this.call.leave();
    this.devices.stop();
  }

  /** Joins again after leaving or a failure, with the devices as they were. */
  async rejoin(): Promise<void> {
    const name = this.triedName ?? this.parts.call.stays.read(this.room)?.name ?? this.initialName;
    if (personNameFault(name) !== null) {
      await this.prepare();
      return;
    }
    const { microphone, camera } = this.devices.get();
    void this.devices.start({ microphone: microphone.wanted, camera: camera.wanted });
    await this.call.join(tidyPersonName(name));
  }

  /** Back to pre-join. */
  async prepare(): Promise<void> {
    this.call.prepare();
    const { microphone, camera } = this.devices.get();
    await this.devices.start({ microphone: microphone.wanted, camera: camera.wanted });
  }

  private async resume(stay: { name: string; microphone: boolean; camera: boolean }): Promise<void> {
    const own = await this.call.claimIdentity();
    if (!own) this.notices.add(t.room.alsoElsewhere);
    // Devices may take their time; being back comes first.
    void this.devices.start({ microphone: stay.microphone && own, camera: stay.camera });
    await this.call.join(stay.name);
  }

  private async begin(): Promise<void> {
    const { options, media } = this.parts;
    const kinds = DEVICE_KINDS.filter((kind) => options[kind]);
    const permissions = options.join ? await Promise.all(kinds.map((kind) => media.permission(kind))) : [];
    await this.devices.start({ microphone: options.microphone, camera: options.camera });
    if (!options.join || permissions.includes('prompt')) return;
    const state = this.devices.get();
    // A device that does not exist needs no permission; one that is blocked deserves a look first.
    const ready = kinds.every((kind) => state[kind].track !== null || state[kind].problem === 'missing');
    const name = this.initialName;
    if (ready && personNameFault(name) === null && this.call.get().phase === 'prejoin') this.join(name);
  }

  private onShareRefused(): void {
    this.screen.stop();
    this.notices.add(t.shareProblems.refused);
  }

  private onDeviceEvent(event: DeviceEvent): void {
    const notice = deviceNotice(event, this.call.get().phase === 'prejoin');
    if (!notice) return;
    const { text, button } = notice;
    this.notices.add(text, button && { label: button.label, run: () => this.cureDevice(button.cure) });
  }

  private cureDevice(cure: DeviceCure): void {
    if (cure.type === 'turnOn') {
      void this.devices.setOn(cure.kind, true);
      return;
    }
    for (const kind of DEVICE_KINDS) {
      const device = cure.devices[kind];
      if (device) void this.devices.choose(kind, device.id);
    }
    if (cure.devices.speaker) this.devices.chooseSpeaker(cure.devices.speaker.id);
  }
}
