import type { RememberedDevice } from '../session/preferences';
import type { Store } from '../ui/store';
import type { DeviceKind } from './edges';
import { recall, type DeviceOption } from './lists';
import type { Chosen, DeviceEvent, DevicesState } from './state';

/** What choices need and tell. */
export interface ChoicesHost {
  readonly remember: (chosen: Chosen) => void;
  readonly onEvent: (event: DeviceEvent) => void;
}

/** Which devices the person chose, now or in an earlier visit. Owns `chosen` of the state; all there is to know of a speaker. */
export class Choices {
  constructor(
    private readonly store: Store<DevicesState>,
    private readonly host: ChoicesHost,
  ) {}

  get now(): Chosen {
    return this.store.get().chosen;
  }

  /** Remembers it. */
  set(kind: DeviceKind | 'speaker', device: RememberedDevice | undefined): void {
    const chosen = { ...this.now, [kind]: device && { id: device.id, label: device.label } };
    this.store.set({ ...this.store.get(), chosen });
    this.host.remember(chosen);
  }

  chooseSpeaker(id: string): void {
    const device = this.store.get().lists.speaker.find((option) => option.id === id);
    if (device) this.set('speaker', device);
  }

  /** The chosen speaker did not work: back to the system's one, for this visit. */
  speakerFailed(): void {
    const { speaker, ...chosen } = this.now;
    if (!speaker) return;
    this.store.set({ ...this.store.get(), chosen });
    this.host.onEvent({ type: 'speakerGone' });
  }

  /** A speaker that is not there any more plays nothing, and tells nobody. */
  checkSpeaker(options: readonly DeviceOption[]): void {
    const { speaker } = this.now;
    // An empty list is one of a page that may not see speakers yet.
    if (!speaker || options.length === 0) return;
    const found = recall(speaker, options);
    if (found === null) this.speakerFailed();
    else if (found.id !== speaker.id) this.set('speaker', found);
  }

  /** Says when the remembered device was not there and the browser gave another one. */
  compare(kind: DeviceKind, track: MediaStreamTrack): void {
    const state = this.store.get();
    const chosen = this.now[kind];
    const used = track.getSettings().deviceId;
    if (!chosen || used === undefined || used === chosen.id || state[kind].track !== track) return;
    const same = recall(
      chosen,
      state.lists[kind].filter(({ id }) => id === used),
    );
    if (same) this.set(kind, same);
    else this.host.onEvent({ type: 'fallback', wanted: chosen.label, used: track.label });
  }
}
