import { expect, it } from 'vitest';
import { added, listDevices } from './lists';

it('sorts devices and names the nameless', () => {
  const lists = listDevices([
    { kind: 'audioinput', deviceId: 'default', label: 'Default - Headset' },
    { kind: 'audioinput', deviceId: 'communications', label: 'Communications - Headset' },
    { kind: 'audioinput', deviceId: 'h', label: 'Headset (046d:0825)' },
    { kind: 'videoinput', deviceId: 'c', label: '' },
    { kind: 'videoinput', deviceId: '', label: '' },
    { kind: 'audiooutput', deviceId: 's', label: 'Speaker' },
  ]);
  expect(lists).toEqual({
    microphone: [
      { id: 'default', label: 'Default - Headset' },
      { id: 'h', label: 'Headset' },
    ],
    camera: [{ id: 'c', label: 'Camera 1' }],
    speaker: [{ id: 's', label: 'Speaker' }],
  });
});

it('tells what was plugged in', () => {
  const a = { id: 'a', label: 'A' };
  const b = { id: 'b', label: 'B' };
  expect(added([a], [a, b, { id: 'default', label: 'Default - B' }])).toEqual([b]);
  expect(added([a, b], [a])).toEqual([]);
});
