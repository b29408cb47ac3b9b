import type { DeviceKind, MediaEdges } from './edges';

/** A track as far as the page uses it. */
export class FakeTrack extends EventTarget {
  enabled = true;
  muted = false;
  readyState: 'live' | 'ended' = 'live';
  constructor(
    readonly kind: 'audio' | 'video',
    readonly id: string,
    readonly label: string,
    private readonly facingMode?: string,
    private readonly groupId = '',
  ) {
    super();
  }
  getSettings() {
    return { deviceId: this.id, groupId: this.groupId, ...(this.facingMode ? { facingMode: this.facingMode } : {}) };
  }
  stop() {
    this.readyState = 'ended';
  }
  /** The system ends it. */
  end() {
    this.stop();
    this.dispatchEvent(new Event('ended'));
  }
  /** The system withholds its media, or gives it back. */
  withhold(muted: boolean) {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }
}

export interface Plugged {
  kind: 'audioinput' | 'videoinput' | 'audiooutput';
  deviceId: string;
  label: string;
  groupId?: string;
  facingMode?: string;
  /** Opening it fails with an error of this name. */
  error?: string;
  /** It fails so only as long as the page asks for more than the device itself. */
  picky?: boolean;
}

/** A machine with devices that can be plugged, unplugged, blocked. */
export class Machine extends EventTarget {
  devices: Plugged[] = [
    { kind: 'audioinput', deviceId: 'mic1', label: 'Mic 1' },
    { kind: 'audioinput', deviceId: 'mic2', label: 'Mic 2' },
    { kind: 'videoinput', deviceId: 'cam1', label: 'Cam 1' },
    { kind: 'audiooutput', deviceId: 'spk1', label: 'Speaker 1' },
  ];
  /** As Chromium does with microphones that are preferred and not demanded. */
  ignoresPreference = false;
  permissions: Record<DeviceKind, PermissionState> = { microphone: 'granted', camera: 'granted' };
  opened: FakeTrack[] = [];
  questions: MediaStreamConstraints[] = [];
  watchers = new Map<DeviceKind, () => void>();
  /** Held back while a promise is here. */
  gate: Promise<void> = Promise.resolve();

  readonly getUserMedia = async (constraints: MediaStreamConstraints): Promise<MediaStream> => {
    this.questions.push(constraints);
    await this.gate;
    const audio = constraints.audio ? this.open('audioinput', 'microphone', constraints.audio) : null;
    const video = constraints.video ? this.open('videoinput', 'camera', constraints.video) : null;
    const list = (track: FakeTrack | null) => (track ? [track] : []);
    return { getAudioTracks: () => list(audio), getVideoTracks: () => list(video) } as unknown as MediaStream;
  };

  enumerateDevices = () => Promise.resolve(this.devices as unknown as MediaDeviceInfo[]);

  edges(): MediaEdges {
    return {
      mediaDevices: this,
      secure: true,
      canChooseSpeaker: true,
      permission: (kind) => Promise.resolve(this.permissions[kind]),
      watchPermission: (kind, onChange) => {
        this.watchers.set(kind, onChange);
        return () => void this.watchers.delete(kind);
      },
    };
  }

  plug(device: Plugged) {
    this.devices = [...this.devices, device];
    this.dispatchEvent(new Event('devicechange'));
  }

  unplug(id: string) {
    this.devices = this.devices.filter((device) => device.deviceId !== id);
    for (const track of this.opened) if (track.id === id && track.readyState === 'live') track.end();
    this.dispatchEvent(new Event('devicechange'));
  }

  private open(kind: Plugged['kind'], name: DeviceKind, wish: boolean | MediaTrackConstraints): FakeTrack {
    if (this.permissions[name] !== 'granted') throw new DOMException('Permission denied', 'NotAllowedError');
    const { deviceId = {}, facingMode = {}, ...rest } = typeof wish === 'object' ? wish : {};
    const { exact, ideal } = deviceId as ConstrainDOMStringParameters;
    const facing = (facingMode as ConstrainDOMStringParameters).ideal;
    const all = this.devices.filter((device) => device.kind === kind);
    const device =
      all.find((option) => option.deviceId === (exact ?? (this.ignoresPreference ? undefined : ideal))) ??
      all.find((option) => facing !== undefined && option.facingMode === facing) ??
      (exact === undefined ? all[0] : undefined);
    if (!device) throw new DOMException('', exact === undefined ? 'NotFoundError' : 'OverconstrainedError');
    const { deviceId: id, label, facingMode: faces, groupId, error, picky = false } = device;
    if (error !== undefined && (!picky || Object.keys(rest).length > 0)) throw new DOMException('', error);
    const track = new FakeTrack(kind === 'audioinput' ? 'audio' : 'video', id, label, faces, groupId);
    this.opened.push(track);
    return track;
  }
}
