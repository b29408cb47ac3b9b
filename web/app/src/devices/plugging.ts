import { added, LISTED_KINDS, type DeviceLists, type DeviceOption } from './lists';
import type { DevicesState, Offer } from './state';

type Now = Pick<DevicesState, 'microphone' | 'camera' | 'canChooseSpeaker'>;

/**
 * What was plugged in between two lists, one offer for each physical device: a headset is a microphone and a speaker.
 * A webcam's microphone is offered only to somebody who has none that works.
 */
export function offers(before: DeviceLists, now: DeviceLists, state: Now): Offer[] {
  const found = LISTED_KINDS.flatMap((kind) => {
    if (kind === 'speaker' && !state.canChooseSpeaker) return [];
    // Without earlier names everything looks new: that is permission, not plugging.
    const knewNames = before[kind].length > 0 || (kind !== 'speaker' && state[kind].problem !== null);
    return knewNames ? added(before[kind], now[kind]).map((device) => ({ kind, device })) : [];
  });
  const groups = new Map<string, Offer>();
  for (const { kind, device } of found) {
    const key = device.group || `${kind} ${device.id}`;
    const offer = groups.get(key) ?? { label: device.label, devices: {} };
    groups.set(key, { ...offer, devices: { [kind]: device, ...offer.devices } });
  }
  return Array.from(groups.values(), (offer) => sensible(offer, state));
}

function sensible({ label, devices }: Offer, { microphone }: Now): Offer {
  const { camera, microphone: sound } = devices;
  if (!camera) return { label, devices };
  const silent = microphone.wanted && microphone.track === null;
  return { label: camera.label, devices: { camera, ...(silent && sound ? { microphone: sound } : {}) } };
}

/** The camera or microphone that can take the place of one that is gone. */
export function substitute(options: readonly DeviceOption[], gone: MediaTrackSettings): DeviceOption | null {
  return options.find(({ id, group }) => id !== gone.deviceId && (group === '' || group !== gone.groupId)) ?? null;
}
