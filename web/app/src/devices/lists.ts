import { t } from '../strings';

/** A device that can be chosen. */
export interface DeviceOption {
  readonly id: string;
  readonly label: string;
}

export interface DeviceLists {
  readonly microphone: readonly DeviceOption[];
  readonly camera: readonly DeviceOption[];
  readonly speaker: readonly DeviceOption[];
}

export const NO_DEVICES: DeviceLists = { microphone: [], camera: [], speaker: [] };

const KINDS = { microphone: 'audioinput', camera: 'videoinput', speaker: 'audiooutput' } as const;

/**
 * Sorts what the browser lists. Before permission it lists devices without ids and names; those are left out, but
 * `counts` tells that they exist.
 */
export function listDevices(devices: readonly Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[]): DeviceLists {
  const list = (kind: keyof typeof KINDS): DeviceOption[] =>
    devices
      .filter((device) => device.kind === KINDS[kind] && device.deviceId !== '')
      // Chromium adds this one for phones on Windows; it is a copy of another entry.
      .filter((device) => device.deviceId !== 'communications')
      .map(({ deviceId, label }, index) => ({
        id: deviceId,
        label: tidyLabel(label) || t.devices.unnamed(t.devices[kind], index + 1),
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
