import { describe, expect, it } from 'vitest';
import { NO_DEVICES, type DeviceLists, type DeviceOption } from './lists';
import { offers, substitute } from './plugging';
import { NO_DEVICES_YET, type DevicesState } from './state';

const option = (id: string, group = ''): DeviceOption => ({ id, label: id, group });
const before: DeviceLists = { microphone: [option('m')], camera: [option('c')], speaker: [option('s')] };
const on = { wanted: true, asking: false, track: {} as MediaStreamTrack, problem: null };
const works: DevicesState = { ...NO_DEVICES_YET, microphone: on, camera: on, canChooseSpeaker: true };
const silent: DevicesState = { ...works, microphone: { ...on, track: null, problem: 'missing' } };

const headsetIn = option('headset in', 'h');
const headsetOut = option('headset out', 'h');
const webcam = option('webcam', 'w');
const webcamMic = option('webcam mic', 'w');
const plug = (change: Partial<DeviceLists>): DeviceLists => ({
  microphone: [...before.microphone, ...(change.microphone ?? [])],
  camera: [...before.camera, ...(change.camera ?? [])],
  speaker: [...before.speaker, ...(change.speaker ?? [])],
});

describe('offers', () => {
  it.each<[string, DeviceLists, DeviceLists, DevicesState, object[]]>([
    ['nothing', before, plug({}), works, []],
    [
      'a headset: both its ends',
      before,
      plug({ microphone: [headsetIn], speaker: [headsetOut] }),
      works,
      [{ label: 'headset in', devices: { microphone: headsetIn, speaker: headsetOut } }],
    ],
    [
      'a headset where no speaker can be chosen',
      before,
      plug({ microphone: [headsetIn], speaker: [headsetOut] }),
      { ...works, canChooseSpeaker: false },
      [{ label: 'headset in', devices: { microphone: headsetIn } }],
    ],
    [
      'headphones',
      before,
      plug({ speaker: [headsetOut] }),
      works,
      [{ label: 'headset out', devices: { speaker: headsetOut } }],
    ],
    [
      'a webcam, whose microphone nobody needs',
      before,
      plug({ camera: [webcam], microphone: [webcamMic] }),
      works,
      [{ label: 'webcam', devices: { camera: webcam } }],
    ],
    [
      'a webcam, to somebody without a microphone',
      before,
      plug({ camera: [webcam], microphone: [webcamMic] }),
      silent,
      [{ label: 'webcam', devices: { camera: webcam, microphone: webcamMic } }],
    ],
    [
      'two devices without groups: one each',
      before,
      plug({ camera: [option('x')], microphone: [option('y')] }),
      works,
      [
        { label: 'y', devices: { microphone: option('y') } },
        { label: 'x', devices: { camera: option('x') } },
      ],
    ],
    ['names that only become visible', NO_DEVICES, before, works, []],
    [
      'the first microphone of somebody who had none',
      { ...before, microphone: [] },
      before,
      silent,
      [{ label: 'm', devices: { microphone: option('m') } }],
    ],
  ])('%s', (_, earlier, now, state, expected) => {
    expect(offers(earlier, now, state)).toEqual(expected);
  });
});

it.each([
  ['another one', [option('a', 'g'), option('b', 'h')], 'b'],
  ['not another entry of the same device', [option('default', 'g'), option('a', 'g')], null],
  ['none', [], null],
])('substitute: %s', (_, options, id) => {
  expect(substitute(options, { deviceId: 'a', groupId: 'g' })?.id ?? null).toBe(id);
});
