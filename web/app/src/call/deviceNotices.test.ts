import { describe, expect, it } from 'vitest';
import type { DeviceEvent } from '../devices/state';
import { t } from '../strings';
import { deviceNotice } from './deviceNotices';

const cam = { id: 'c2', label: 'Cam 2', group: '' };
const again = (kind: string) => ({ type: 'turnOn', kind });
const { devices: say, deviceProblems } = t;

describe('deviceNotice', () => {
  it.each<[DeviceEvent, string | null, string | null, object | null, string | null]>([
    [{ type: 'fallback', wanted: 'A', used: 'B' }, 'A is not connected. Using B.', null, null, 'same'],
    [
      { type: 'switched', kind: 'microphone', lost: 'A', used: 'B' },
      'A was disconnected. Using B now.',
      null,
      null,
      'same',
    ],
    [{ type: 'choiceFailed', wanted: 'A', used: 'B' }, say.choiceFailed('A', 'B'), null, null, 'same'],
    [{ type: 'choiceFailed', wanted: null, used: 'B' }, say.choiceFailed('The other camera', 'B'), null, null, 'same'],
    [{ type: 'speakerGone' }, say.speakerGone, null, null, 'same'],
    [
      { type: 'failed', kind: 'camera', problem: 'denied' },
      deviceProblems.denied.camera,
      'Try again',
      again('camera'),
      null,
    ],
    [{ type: 'failed', kind: 'camera', problem: 'insecure' }, deviceProblems.insecure.camera, null, null, null],
    [
      { type: 'lost', kind: 'microphone', problem: 'ended', instead: null },
      deviceProblems.ended.microphone,
      'Turn on again',
      again('microphone'),
      null,
    ],
    [
      { type: 'lost', kind: 'camera', problem: 'unplugged', instead: cam },
      deviceProblems.unplugged.camera,
      'Use Cam 2',
      { type: 'use', devices: { camera: cam } },
      null,
    ],
    [
      { type: 'plugged', offer: { label: 'Cam 2', devices: { camera: cam } } },
      'Cam 2 is connected.',
      'Use it',
      { type: 'use', devices: { camera: cam } },
      'same',
    ],
  ])('%j', (event, text, label, cure, atDoor) => {
    const notice = deviceNotice(event, false);
    expect(notice).toEqual({ text, button: label === null ? null : { label, cure } });
    expect(deviceNotice(event, true)).toEqual(atDoor === null ? null : notice);
  });
});
