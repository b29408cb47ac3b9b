import type { DeviceKind } from '../devices/edges';
import { canRetry } from '../devices/problem';
import type { DeviceEvent, Offer } from '../devices/state';
import { t } from '../strings';

/** What the button of a notice does. */
export type DeviceCure =
  { readonly type: 'turnOn'; readonly kind: DeviceKind } | { readonly type: 'use'; readonly devices: Offer['devices'] };

export interface DeviceNotice {
  readonly text: string;
  readonly button: { readonly label: string; readonly cure: DeviceCure } | null;
}

/** What is said about an event of a device; null when another place of the screen says it. */
export function deviceNotice(event: DeviceEvent, atDoor: boolean): DeviceNotice | null {
  switch (event.type) {
    case 'fallback':
      return plain(t.devices.fallback(event.wanted, event.used));
    case 'switched':
      return plain(t.devices.switched(event.lost, event.used));
    case 'choiceFailed':
      return plain(t.devices.choiceFailed(event.wanted ?? t.devices.otherCamera, event.used));
    case 'speakerGone':
      return plain(t.devices.speakerGone);
    case 'failed': {
      const { kind, problem } = event;
      // Pre-join has a place of its own for these.
      if (atDoor) return null;
      const text = t.deviceProblems[problem][kind];
      return canRetry(problem) ? turnOn(text, t.devices.tryAgain, kind) : plain(text);
    }
    case 'lost': {
      const { kind, problem, instead } = event;
      if (atDoor) return null;
      const text = t.deviceProblems[problem][kind];
      if (!instead) return turnOn(text, t.devices.turnOnAgain, kind);
      const cure = { type: 'use', devices: { [kind]: instead } } as const;
      return { text, button: { label: t.devices.useNamed(instead.label), cure } };
    }
    case 'plugged': {
      const { label, devices } = event.offer;
      return { text: t.devices.plugged(label), button: { label: t.devices.use, cure: { type: 'use', devices } } };
    }
  }
}

function plain(text: string): DeviceNotice {
  return { text, button: null };
}

function turnOn(text: string, label: string, kind: DeviceKind): DeviceNotice {
  return { text, button: { label, cure: { type: 'turnOn', kind } } };
}
