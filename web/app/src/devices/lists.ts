import type { RememberedDevice } from '../session/preferences';
import { t } from '../strings';

/** A device that can be chosen. */
export interface DeviceOption {
  readonly id: string;
  readonly label: string;
  /** The same for parts of one physical device, such as both ends of a headset; empty where the browser does not tell. */
  readonly group: string;
}

export interface DeviceLists {
  readonly microphone: readonly DeviceOption[];
  readonly camera: readonly DeviceOption[];
  readonly speaker: readonly DeviceOption[];
}

export const NO_DEVICES: DeviceLists = { microphone: [], camera: [], speaker: [] };

export const LISTED_KINDS = ['microphone', 'camera', 'speaker'] as const satisfies readonly (keyof DeviceLists)[];

const KINDS = { microphone: 'audioinput', camera: 'videoinput', speaker: 'audiooutput' } as const;

/** What `enumerateDevices` says, as far as it is used. Not every browser tells groups. */
type Listed = Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'> & { readonly groupId?: string };

/** Sorts what the browser lists. Before permission it lists devices without ids and names; those are left out. */
export function listDevices(devices: readonly Listed[]): DeviceLists {
  const list = (kind: keyof typeof KINDS): DeviceOption[] =>
    devices
      .filter((device) => device.kind === KINDS[kind] && device.deviceId !== '')
      // Chromium adds this one for phones on Windows; it is a copy of another entry.
      .filter((device) => device.deviceId !== 'communications')
      .map(({ deviceId, label, groupId = '' }, index) => ({
        id: deviceId,
        label: tidyLabel(label) || t.devices.unnamed(t.devices[kind], index + 1),
        group: groupId,
      }));
  return { microphone: list('microphone'), camera: list('camera'), speaker: list('speaker') };
}

/** Takes off the USB ids that Chromium appends: "HD Webcam (046d:0825)". */
function tidyLabel(label: string): string {
  return label.replace(/ \([0-9a-f]{4}:[0-9a-f]{4}\)$/i, '').trim();
}

/** Devices of a list that an earlier list did not have. */
export function added(before: readonly DeviceOption[], now: readonly DeviceOption[]): DeviceOption[] {
  const known = new Set(before.map((device) => device.id));
  return now.filter((device) => !known.has(device.id) && device.id !== 'default');
}

/**
 * Whether a device is still there. Chromium's `default` always is, but stands for another device when its own is
 * unplugged: that shows in its group.
 */
export function isListed(options: readonly DeviceOption[], { deviceId, groupId }: MediaTrackSettings): boolean {
  const found = options.find((option) => option.id === deviceId);
  if (!found) return false;
  return deviceId !== 'default' || groupId === undefined || groupId === '' || found.group === groupId;
}

/** A remembered device among those that are there. Safari gives devices new ids in each session; the name tells. */
export function recall(remembered: RememberedDevice, options: readonly DeviceOption[]): DeviceOption | null {
  return (
    options.find(({ id }) => id === remembered.id) ?? options.find(({ label }) => label === remembered.label) ?? null
  );
}
