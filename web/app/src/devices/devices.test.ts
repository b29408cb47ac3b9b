import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Devices } from './devices';
import type { DeviceKind } from './edges';
import { Machine } from './machine.fake';
import { isOn, type DeviceEvent } from './state';

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
    await vi.waitFor(() => expect(devices.get().lists.speaker).toMatchObject([{ id: 'spk1', label: 'Speaker 1' }]));
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

  it('starts what was allowed while the other one was being opened', async () => {
    machine.permissions.microphone = 'denied';
    const open = machine.getUserMedia;
    vi.spyOn(machine, 'getUserMedia').mockImplementation((constraints) => {
      if (!constraints.audio) {
        machine.permissions.microphone = 'granted';
        machine.watchers.get('microphone')?.();
      }
      return open(constraints);
    });
    const devices = make();
    await devices.start(both);
    await vi.waitFor(() => expect(works(devices, 'microphone')).toBe(true));
    expect(works(devices, 'camera')).toBe(true);
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

  it('uses the remembered devices that are there, also where a mere preference counts for nothing', async () => {
    machine.ignoresPreference = true;
    const devices = make({ microphone: { id: 'mic2', label: 'Mic 2' }, camera: { id: 'cam9', label: 'Gone' } });
    await devices.start(both);
    expect(devices.get().microphone.track?.label).toBe('Mic 2');
    await vi.waitFor(() => expect(events).toEqual([{ type: 'fallback', wanted: 'Gone', used: 'Cam 1' }]));
    await devices.toggle('microphone');
    expect(works(devices, 'camera')).toBe(true);
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
    expect(events).toEqual([{ type: 'switched', kind: 'microphone', lost: 'Mic 1', used: 'Mic 2' }]);
  });

  it('says when the camera is unplugged and offers one that is plugged in', async () => {
    const devices = make();
    await devices.start(both);
    machine.unplug('cam1');
    await vi.waitFor(() => expect(devices.get().camera.problem).toBe('unplugged'));
    expect(events).toEqual([{ type: 'lost', kind: 'camera', problem: 'unplugged', instead: null }]);
    machine.plug({ kind: 'videoinput', deviceId: 'cam2', label: 'Cam 2' });
    const offer = { label: 'Cam 2', devices: { camera: { id: 'cam2', label: 'Cam 2', group: '' } } };
    await vi.waitFor(() => expect(events[1]).toEqual({ type: 'plugged', offer }));
    await devices.choose('camera', 'cam2');
    expect(works(devices, 'camera')).toBe(true);
  });

  it('offers the other camera when one is unplugged', async () => {
    machine.devices.push({ kind: 'videoinput', deviceId: 'cam2', label: 'Cam 2' });
    const devices = make();
    await devices.start(both);
    machine.unplug('cam1');
    const instead = { id: 'cam2', label: 'Cam 2', group: '' };
    await vi.waitFor(() => expect(events).toEqual([{ type: 'lost', kind: 'camera', problem: 'unplugged', instead }]));
    expect(works(devices, 'camera')).toBe(false);
  });

  it('notices that the default microphone now stands for another one', async () => {
    machine.devices = [
      { kind: 'audioinput', deviceId: 'default', label: 'Default - Headset', groupId: 'headset' },
      { kind: 'audioinput', deviceId: 'h', label: 'Headset', groupId: 'headset' },
      { kind: 'audioinput', deviceId: 'b', label: 'Built-in', groupId: 'laptop' },
    ];
    const devices = make();
    await devices.start({ microphone: true, camera: false });
    machine.devices = [
      { kind: 'audioinput', deviceId: 'default', label: 'Default - Built-in', groupId: 'laptop' },
      { kind: 'audioinput', deviceId: 'b', label: 'Built-in', groupId: 'laptop' },
    ];
    machine.opened[0]?.end();
    await vi.waitFor(() => expect(events).toMatchObject([{ type: 'switched', used: 'Default - Built-in' }]));
  });

  it('says when another program took the camera', async () => {
    const devices = make();
    await devices.start(both);
    machine.opened[1]?.end();
    await vi.waitFor(() => expect(devices.get().camera.problem).toBe('ended'));
  });

  it('says that it is blocked when the permission is withdrawn', async () => {
    const devices = make();
    await devices.start(both);
    machine.permissions.camera = 'denied';
    machine.opened[1]?.end();
    await vi.waitFor(() => expect(devices.get().camera.problem).toBe('denied'));
    expect(events).toEqual([{ type: 'lost', kind: 'camera', problem: 'denied', instead: null }]);
  });

  it('says that it is blocked when it was taken away first', async () => {
    const devices = make();
    await devices.start(both);
    machine.opened[0]?.end();
    await vi.waitFor(() => expect(devices.get().microphone.problem).toBe('ended'));
    machine.permissions.microphone = 'denied';
    machine.watchers.get('microphone')?.();
    await vi.waitFor(() => expect(devices.get().microphone.problem).toBe('denied'));
    expect(events.at(-1)).toEqual({ type: 'lost', kind: 'microphone', problem: 'denied', instead: null });

    machine.permissions.microphone = 'granted';
    machine.watchers.get('microphone')?.();
    await vi.waitFor(() => expect(works(devices, 'microphone')).toBe(true));
  });

  it('says that it is blocked when the permission is withdrawn while the devices are listed', async () => {
    const devices = make();
    await devices.start(both);
    const list = machine.enumerateDevices;
    vi.spyOn(machine, 'enumerateDevices').mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve));
      machine.permissions.microphone = 'denied';
      machine.watchers.get('microphone')?.();
      return list();
    });
    machine.opened[0]?.end();
    await vi.waitFor(() => expect(devices.get().microphone.problem).toBe('denied'));
    expect(events).toMatchObject([{ problem: 'denied' }]);
  });

  it('shows the reason for the question only while there is one', async () => {
    let open = (): void => undefined;
    machine.gate = new Promise((resolve) => (open = resolve));
    machine.permissions.camera = 'prompt';
    const devices = make();
    const started = devices.start(both);
    await vi.waitFor(() => expect(devices.get().prompting).toBe(true));
    machine.permissions.camera = 'granted';
    open();
    await started;
    expect(devices.get().prompting).toBe(false);
    await devices.toggle('camera');
    await devices.toggle('camera');
    expect(devices.get().prompting).toBe(false);
  });

  it('keeps the device that works when the chosen one does not start', async () => {
    const devices = make();
    await devices.start(both);
    machine.devices = machine.devices.map((device) =>
      device.deviceId === 'mic2' ? { ...device, error: 'NotReadableError' } : device,
    );
    await devices.choose('microphone', 'mic2');
    expect(devices.get().microphone.track?.label).toBe('Mic 1');
    expect(devices.get().microphone.problem).toBeNull();
    expect(events).toEqual([{ type: 'choiceFailed', wanted: 'Mic 2', used: 'Mic 1' }]);
    expect(devices.get().chosen.microphone).toBeUndefined();
  });

  it('takes a device as it is when it cannot do what the page would like', async () => {
    machine.devices = machine.devices.map((device) =>
      device.deviceId === 'cam1' ? { ...device, error: 'OverconstrainedError', picky: true } : device,
    );
    const devices = make();
    await devices.start(both);
    expect([works(devices, 'microphone'), works(devices, 'camera')]).toEqual([true, true]);
    machine.devices = machine.devices.map((device) => ({ ...device, picky: false }));
    await devices.toggle('camera');
    await devices.toggle('camera');
    expect(devices.get().camera.problem).toBe('overconstrained');
  });

  describe('on a phone', () => {
    beforeEach(() => {
      machine.devices = [
        { kind: 'audioinput', deviceId: 'mic', label: 'Phone' },
        { kind: 'videoinput', deviceId: 'front', label: 'Front', facingMode: 'user' },
        { kind: 'videoinput', deviceId: 'back', label: 'Back', facingMode: 'environment' },
      ];
    });
    const camera = (devices: Devices) => devices.get().camera.track?.label;

    it('turns the camera around, for this visit only', async () => {
      const devices = make();
      await devices.start(both);
      await devices.flipCamera();
      expect(camera(devices)).toBe('Back');
      expect(machine.opened[1]?.readyState).toBe('ended');
      await devices.toggle('camera');
      await devices.toggle('camera');
      expect(camera(devices)).toBe('Back');
      await devices.flipCamera();
      expect(camera(devices)).toBe('Front');
      expect(remember).not.toHaveBeenCalled();
      expect(events).toEqual([]);
    });

    it('pauses while the system withholds a device, and says so', async () => {
      vi.useFakeTimers();
      const devices = make();
      await devices.start(both);
      const [mic] = machine.opened;
      mic?.withhold(true);
      await vi.advanceTimersByTimeAsync(500);
      expect(works(devices, 'microphone'), 'a hiccup is nothing').toBe(true);
      await vi.advanceTimersByTimeAsync(600);
      expect(works(devices, 'microphone')).toBe(false);
      expect(events).toEqual([{ type: 'lost', kind: 'microphone', problem: 'interrupted', instead: null }]);
      mic?.withhold(false);
      expect(works(devices, 'microphone'), 'back by itself').toBe(true);
      mic?.withhold(true);
      await vi.advanceTimersByTimeAsync(1100);
      await devices.setOn('microphone', true);
      expect(works(devices, 'microphone'), 'back by the button').toBe(true);
      expect(mic?.readyState).toBe('ended');
      vi.useRealTimers();
    });
  });

  it.each([
    ['unplugged', 'spk1', undefined],
    ['listed under a new id', 'old id', { id: 'spk1', label: 'Speaker 1' }],
  ])('a chosen speaker that is %s', async (_, id, after) => {
    const devices = make({ speaker: { id, label: 'Speaker 1' } });
    await devices.start(both);
    machine.plug({ kind: 'audiooutput', deviceId: 'spk2', label: 'Speaker 2' });
    if (after === undefined) machine.unplug('spk1');
    await vi.waitFor(() => expect(devices.get().chosen.speaker).toEqual(after));
    expect(events.filter(({ type }) => type === 'speakerGone')).toHaveLength(after === undefined ? 1 : 0);
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
