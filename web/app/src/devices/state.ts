import type { RememberedDevice } from '../session/preferences';
import type { DeviceKind } from './edges';
import { NO_DEVICES, type DeviceLists } from './lists';
import type { DeviceProblem } from './problem';

/** One kind of device. */
export interface KindState {
  /** What the person wants; a device that does not work stays wanted. */
  readonly wanted: boolean;
  /** The browser is asked and has not answered yet. */
  readonly asking: boolean;
  readonly track: MediaStreamTrack | null;
  readonly problem: DeviceProblem | null;
}

export interface DevicesState {
  readonly microphone: KindState;
  readonly camera: KindState;
  readonly lists: DeviceLists;
  /** What the person chose, now or in an earlier visit. */
  readonly chosen: Partial<Record<DeviceKind | 'speaker', RememberedDevice>>;
  /** Whether a speaker can be chosen here. */
  readonly canChooseSpeaker: boolean;
}

const OFF: KindState = { wanted: false, asking: false, track: null, problem: null };

export const NO_DEVICES_YET: DevicesState = {
  microphone: OFF,
  camera: OFF,
  lists: NO_DEVICES,
  chosen: {},
  canChooseSpeaker: false,
};

/** Whether it captures now: what buttons show and others get. */
export function isOn(state: KindState): boolean {
  return state.wanted && state.track !== null;
}

/** Id of the device in use, else of the chosen one; empty for the default. */
export function activeId(state: DevicesState, kind: DeviceKind): string {
  return state[kind].track?.getSettings().deviceId ?? state.chosen[kind]?.id ?? '';
}

/** Something that happened to a device without the person doing it. */
export type DeviceEvent =
  | { readonly type: 'fallback'; readonly wanted: string; readonly used: string }
  | { readonly type: 'switched'; readonly kind: DeviceKind; readonly used: string }
  | { readonly type: 'failed'; readonly kind: DeviceKind; readonly problem: DeviceProblem }
  | { readonly type: 'lost'; readonly kind: DeviceKind; readonly problem: DeviceProblem }
  | { readonly type: 'plugged'; readonly kind: DeviceKind; readonly device: RememberedDevice }
  | { readonly type: 'speakerGone' };
