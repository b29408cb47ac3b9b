import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Devices } from './devices';
import type { DeviceKind, MediaEdges } from './edges';
import { isOn, type DeviceEvent } from './state';

/** A track as far as the page uses it. */
class FakeTrack extends EventTarget {
  enabled = true;
  readyState: 'live' | 'ended' = 'live';
  constructor(
    readonly kind: 'audio' | 'video',
    readonly id: string,
    readonly label: string,
    private readonly facingMode?: string,
  ) {
    super();
  }
  getSettings() {
    return { deviceId: this.id, ...(this.facingMode ? { facingMode: this.facingMode } : {}) };
  }
  stop() {
    this.readyState = 'ended';
  }
  /** The system ends it. */
  end() {
    this.stop();
    this.dispatchEvent(new Event('ended'));
  }
}

interface Plugged {
  kind: 'audioinput' | 'videoinput' | 'audiooutput';
  deviceId: string;
  label: string;
  error?: string;
}

/** A machine with devices that can be plugged, unplugged, blocked. */
class Machine extends EventTarget {
  devices: Plugged[] = [
    { kind: 'audioinput', deviceId: 'mic1', label: 'Mic 1' },
    { kind: 'audioinput', deviceId: 'mic2', label: 'Mic 2' },
    { kind: 'videoinput', deviceId: 'cam1', label: 'Cam 1' },
    { kind: 'audiooutput', deviceId: 'spk1', label: 'Speaker 1' },
  ];
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
    const { exact, ideal } = (typeof wish === 'object' ? (wish.deviceId ?? {}) : {}) as ConstrainDOMStringParameters;
    const all = this.devices.filter((device) => device.kind === kind);
    const device =
      all.find((option) => option.deviceId === (exact ?? ideal)) ?? (exact === undefined ? all[0] : undefined);
    if (!device) throw new DOMException('', exact === undefined ? 'NotFoundError' : 'OverconstrainedError');
    if (device.error) throw new DOMException('', device.error);
    const track = new FakeTrack(kind === 'audioinput' ? 'audio' : 'video', device.deviceId, device.label);
    this.opened.push(track);
    return track;
  }
}

const both = { microphone: true, camera: true };

describe('Devices', () => {
  let machine: Machine;
  let events: DeviceEvent[];
  let remember: ReturnType<typeof vi.fn<(chosen: object) => void>>;

  beforeEach(() => {
    machine = new Machine();
    events = [];
    remember = vi.fn();
  });

  const make = (remembered = {}) =>
    new Devices({ edges: machine.edges(), remembered, remember, onEvent: (event) => events.push(event) });
  const works = (devices: Devices, kind: DeviceKind) => isOn(devices.get()[kind]);

  it('asks once for both', async () => {
    const devices = make();
    await devices.start(both);
    expect(machine.questions).toHaveLength(1);
    expect([works(devices, 'microphone'), works(devices, 'camera')]).toEqual([true, true]);
    await vi.waitFor(() => expect(devices.get().lists.speaker).toEqual([{ id: 'spk1', label: 'Speaker 1' }]));
  });

  it('asks for nothing that is not wanted', async () => {
    const devices = make();
    await devices.start({ microphone: false, camera: false });
    expect(machine.questions).toEqual([]);
    await vi.waitFor(() => expect(devices.get().lists.camera).toHaveLength(1));
    await devices.setOn('camera', true);
    expect(machine.questions).toEqual([expect.not.objectContaining({ audio: expect.anything() as unknown })]);
    expect(works(devices, 'camera')).toBe(true);
  });

  it('goes on with the one that works', async () => {
    machine.devices = machine.devices.filter((device) => device.kind !== 'videoinput');
    const devices = make();
    await devices.start(both);
    expect(works(devices, 'microphone')).toBe(true);
    expect(devices.get().camera.problem).toBe('missing');
  });

  it('tells busy from blocked, and never asks again for what was refused', async () => {
    machine.permissions.camera = 'denied';
    const devices = make();
    await devices.start(both);
    expect(devices.get().camera.problem).toBe('denied');
    expect(events).toEqual([{ type: 'failed', kind: 'camera', problem: 'denied' }]);
    expect(works(devices, 'microphone')).toBe(true);
    expect(machine.questions).toHaveLength(2);

    machine.permissions.camera = 'granted';
    machine.devices = machine.devices.map((device) =>
      device.kind === 'videoinput' ? { ...device, error: 'NotReadableError' } : device,
    );
    await devices.retry();
    expect(devices.get().camera.problem).toBe('busy');
  });

  it('starts by itself when the person allows it in the browser’s settings', async () => {
    machine.permissions.camera = 'denied';
    const devices = make();
    await devices.start(both);
    machine.permissions.camera = 'granted';
    machine.watchers.get('camera')?.();
    await vi.waitFor(() => expect(works(devices, 'camera')).toBe(true));
    devices.stop();
    expect(machine.watchers.size).toBe(0);
  });

  it.each([
    [true, 'unsupported'],
    [false, 'insecure'],
  ])('without mediaDevices (secure: %s)', async (secure, problem) => {
    const edges = { ...machine.edges(), mediaDevices: null, secure };
    const devices = new Devices({ edges, remembered: {}, remember, onEvent: () => undefined });
    await devices.start(both);
    expect(devices.get().microphone.problem).toBe(problem);
    expect(devices.get().camera.problem).toBe(problem);
  });

  it('works in a page to which the browser lists devices only later', async () => {
    machine.enumerateDevices = () => new Promise(() => undefined);
    const devices = make();
    await devices.start(both);
    expect([works(devices, 'microphone'), works(devices, 'camera')]).toEqual([true, true]);
    machine.opened[1]?.end();
    await vi.waitFor(() => expect(devices.get().camera.problem).toBe('unplugged'), { timeout: 5000 });
  });

  it('keeps the muted microphone open and releases the camera', async () => {
    const devices = make();
    await devices.start(both);
    const [mic, cam] = machine.opened;
    await devices.toggle('microphone');
    await devices.toggle('camera');
    expect([mic?.readyState, mic?.enabled, cam?.readyState]).toEqual(['live', false, 'ended']);
    expect([works(devices, 'microphone'), works(devices, 'camera')]).toEqual([false, false]);
    await devices.toggle('microphone');
    expect(mic?.enabled).toBe(true);
    expect(machine.questions).toHaveLength(1);
  });

  it('stops a camera that arrives after it was turned off', async () => {
    let open = (): void => undefined;
    machine.gate = new Promise((resolve) => (open = resolve));
    const devices = make();
    const started = devices.start(both);
    await devices.setOn('camera', false);
    open();
    await started;
    expect(machine.opened.map((track) => [track.kind, track.readyState])).toEqual([
      ['audio', 'live'],
      ['video', 'ended'],
    ]);
    expect(works(devices, 'camera')).toBe(false);
  });

  it('remembers a choice and falls back with a word when it is gone', async () => {
    const devices = make({ microphone: { id: 'mic9', label: 'Studio' } });
    await devices.start(both);
    await vi.waitFor(() => expect(events).toEqual([{ type: 'fallback', wanted: 'Studio', used: 'Mic 1' }]));
    await devices.choose('microphone', 'mic2');
    expect(devices.get().microphone.track?.label).toBe('Mic 2');
    expect(remember).toHaveBeenLastCalledWith({ microphone: { id: 'mic2', label: 'Mic 2' } });
    expect(machine.opened[0]?.readyState).toBe('ended');
  });

  it('recognises a remembered device by its name when its id changed', async () => {
    const devices = make({ camera: { id: 'old-id', label: 'Cam 1' } });
    await devices.start(both);
    await vi.waitFor(() => expect(remember).toHaveBeenLastCalledWith({ camera: { id: 'cam1', label: 'Cam 1' } }));
    expect(events).toEqual([]);
  });

  it('speaks on with another microphone when one is unplugged', async () => {
    const devices = make();
    await devices.start(both);
    machine.unplug('mic1');
    await vi.waitFor(() => expect(devices.get().microphone.track?.label).toBe('Mic 2'));
    expect(events).toEqual([{ type: 'switched', kind: 'microphone', used: 'Mic 2' }]);
  });

  it('says when the camera is unplugged and offers one that is plugged in', async () => {
    const devices = make();
    await devices.start(both);
    machine.unplug('cam1');
    await vi.waitFor(() => expect(devices.get().camera.problem).toBe('unplugged'));
    expect(events).toEqual([{ type: 'lost', kind: 'camera', problem: 'unplugged' }]);
    machine.plug({ kind: 'videoinput', deviceId: 'cam2', label: 'Cam 2' });
    await vi.waitFor(() =>
      expect(events[1]).toEqual({ type: 'plugged', kind: 'camera', device: { id: 'cam2', label: 'Cam 2' } }),
    );
    await devices.choose('camera', 'cam2');
    expect(works(devices, 'camera')).toBe(true);
  });

  it('says when another program took the camera', async () => {
    const devices = make();
    await devices.start(both);
    machine.opened[1]?.end();
    await vi.waitFor(() => expect(devices.get().camera.problem).toBe('ended'));
  });

  it('releases everything at the end', async () => {
    const devices = make();
    await devices.start(both);
    devices.stop();
    expect(machine.opened.every((track) => track.readyState === 'ended')).toBe(true);
    machine.plug({ kind: 'videoinput', deviceId: 'cam2', label: 'Cam 2' });
    await Promise.resolve();
    expect(events).toEqual([]);
  });
});
