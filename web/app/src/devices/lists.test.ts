import { expect, it } from 'vitest';
import { added, isListed, listDevices, recall } from './lists';

it('sorts devices and names the nameless', () => {
  const lists = listDevices([
    { kind: 'audioinput', deviceId: 'default', label: 'Default - Headset' },
    { kind: 'audioinput', deviceId: 'communications', label: 'Communications - Headset' },
    { kind: 'audioinput', deviceId: 'h', label: 'Headset (046d:0825)', groupId: 'g' },
    { kind: 'videoinput', deviceId: 'c', label: '' },
    { kind: 'videoinput', deviceId: '', label: '' },
    { kind: 'audiooutput', deviceId: 's', label: 'Speaker' },
  ]);
  expect(lists).toEqual({
    microphone: [
      { id: 'default', label: 'Default - Headset', group: '' },
      { id: 'h', label: 'Headset', group: 'g' },
    ],
    camera: [{ id: 'c', label: 'Camera 1', group: '' }],
    speaker: [{ id: 's', label: 'Speaker', group: '' }],
  });
});

const a = { id: 'a', label: 'A', group: 'ga' };
const b = { id: 'b', label: 'B', group: 'gb' };

it('tells what was plugged in', () => {
  expect(added([a], [a, b, { id: 'default', label: 'Default - B', group: 'gb' }])).toEqual([b]);
  expect(added([a, b], [a])).toEqual([]);
});

it.each([
  ['listed', [a, b], { deviceId: 'a', groupId: 'ga' }, true],
  ['unplugged', [b], { deviceId: 'a', groupId: 'ga' }, false],
  ['the default, of the same device', [{ ...a, id: 'default' }], { deviceId: 'default', groupId: 'ga' }, true],
  ['the default, of another device now', [{ ...b, id: 'default' }], { deviceId: 'default', groupId: 'ga' }, false],
  ['the default, where the browser has no groups', [{ ...b, id: 'default' }], { deviceId: 'default' }, true],
])('a device in use that is %s', (_, options, settings, listed) => {
  expect(isListed(options, settings)).toBe(listed);
});

it('recalls by id, else by name', () => {
  expect(recall({ id: 'a', label: 'B' }, [b, a])).toBe(a);
  expect(recall({ id: 'x', label: 'B' }, [a, b])).toBe(b);
  expect(recall({ id: 'x', label: 'X' }, [a, b])).toBeNull();
});
