import type { Client, TrackMetadata } from '@videoroom/client';
import type { DeviceKind } from '../devices/edges';
import { isOn, type DevicesState } from '../devices/state';
import { cameraLimits } from './limits';

/** What of the client is used here. */
export type PublishingClient = Pick<Client, 'publish' | 'setPaused' | 'replace' | 'setEncoding'>;

interface Published {
  readonly handle: string;
  readonly track: MediaStreamTrack;
  readonly paused: boolean;
}

/**
 * Brings what is published in line with the devices: published when first on, paused when off, replaced when another
 * device is chosen. Never withdraws a track, so that others' elements stay as they are.
 */
export class Publisher {
  private readonly published: Partial<Record<DeviceKind, Published>> = {};
  private encoding = '';
  /** The client tells of a change before the operation that made it returns; that must not start the next one. */
  private syncing = false;
  private latest: { readonly devices: DevicesState; readonly people: number } | null = null;

  constructor(
    private readonly client: PublishingClient,
    /** Told of operations that the client refused. */
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Called with every new state of the devices or number of people in the room. */
  sync(devices: DevicesState, people: number): void {
    this.latest = { devices, people };
    if (this.syncing) return;
    this.syncing = true;
    while (this.latest) {
      const now = this.latest;
      this.latest = null;
      this.syncKind('microphone', now.devices, now.people);
      this.syncKind('camera', now.devices, now.people);
      this.syncEncoding(now.people);
    }
    this.syncing = false;
  }

  private syncKind(kind: DeviceKind, devices: DevicesState, people: number): void {
    const state = devices[kind];
    const before = this.published[kind];
    const track = isOn(state) ? state.track : null;
    if (!before) {
      if (track) this.publish(kind, track, people);
      return;
    }
    // Between two devices: others need not hear of the second in between.
    if (!track && state.wanted && state.asking) return;
    if (!track) {
      if (before.paused) return;
      this.published[kind] = { ...before, paused: true };
      this.run(this.client.setPaused(before.handle, true));
      return;
    }
    if (!before.paused && before.track === track) return;
    this.published[kind] = { handle: before.handle, track, paused: false };
    if (before.paused) this.run(this.client.setPaused(before.handle, false, track));
    else this.run(this.client.replace(before.handle, track));
  }

  private publish(kind: DeviceKind, track: MediaStreamTrack, people: number): void {
    const metadata: TrackMetadata = { type: kind, paused: false };
    const limits = kind === 'camera' ? cameraLimits(people, track.getSettings()) : {};
    if (kind === 'camera') this.encoding = JSON.stringify(limits);
    try {
      const handle = this.client.publish(track, { metadata, ...limits });
      this.published[kind] = { handle, track, paused: false };
    } catch (error) {
      this.onError(error);
    }
  }

  private syncEncoding(people: number): void {
    const camera = this.published.camera;
    if (!camera) return;
    const limits = cameraLimits(people, camera.track.getSettings());
    const encoding = JSON.stringify(limits);
    if (encoding === this.encoding) return;
    this.encoding = encoding;
    this.run(this.client.setEncoding(camera.handle, limits));
  }

  private run(operation: Promise<void>): void {
    operation.catch(this.onError);
  }
}
