import type { RememberedDevice } from '../session/preferences';
import type { DeviceKind } from './edges';
import { NO_DEVICES, type DeviceLists, type DeviceOption } from './lists';
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
  /** What is asked for needs the person's word: the browser's question is open, as far as the page can know. */
  readonly prompting: boolean;
  readonly lists: DeviceLists;
  /** What the person chose, now or in an earlier visit. */
  readonly chosen: Chosen;
  /** Whether a speaker can be chosen here. */
  readonly canChooseSpeaker: boolean;
}

/** What is undefined is forgotten. */
export type Chosen = Readonly<Partial<Record<DeviceKind | 'speaker', RememberedDevice | undefined>>>;

const OFF: KindState = { wanted: false, asking: false, track: null, problem: null };

export const NO_DEVICES_YET: DevicesState = {
  microphone: OFF,
  camera: OFF,
  prompting: false,
  lists: NO_DEVICES,
  chosen: {},
  canChooseSpeaker: false,
};

/** Whether it captures now: what buttons show and others get. */
export function isOn(state: KindState): boolean {
  return state.wanted && state.track !== null && state.problem !== 'interrupted';
}

/** Id of the device in use, else of the chosen one; empty for the default. */
export function activeId(state: DevicesState, kind: DeviceKind): string {
  return state[kind].track?.getSettings().deviceId ?? state.chosen[kind]?.id ?? '';
}

/** Something that happened to a device without the person doing it. */
export type DeviceEvent =
  /** The remembered device is not connected; the browser gave another one. */
  | { readonly type: 'fallback'; readonly wanted: string; readonly used: string }
  /** The device is gone; another one took over. */
  | { readonly type: 'switched'; readonly kind: DeviceKind; readonly lost: string; readonly used: string }
  /** What the person just chose does not start; the one before goes on. */
  | { readonly type: 'choiceFailed'; readonly wanted: string | null; readonly used: string }
  | { readonly type: 'failed'; readonly kind: DeviceKind; readonly problem: DeviceProblem }
  /** It worked and does no more; `instead` could take its place. */
  | {
      readonly type: 'lost';
      readonly kind: DeviceKind;
      readonly problem: DeviceProblem;
      readonly instead: DeviceOption | null;
    }
  | { readonly type: 'plugged'; readonly offer: Offer }
  | { readonly type: 'speakerGone' };

/** A device that was plugged in, and what it can be used for now. */
export interface Offer {
  readonly label: string;
  readonly devices: Partial<Record<DeviceKind | 'speaker', DeviceOption>>;
}
