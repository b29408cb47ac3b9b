import type { Client } from '@videoroom/client';
import type { Capture } from '../screen/capture';
import { shareLimits } from './limits';

/** What of the client is used here. */
export type SharingClient = Pick<Client, 'publish' | 'unpublish' | 'setEncoding'>;

interface Published {
  readonly handle: string;
  readonly track: MediaStreamTrack;
}

type Part = 'video' | 'audio';

/** Publishes a captured screen, picture and sound as tracks of their own, and withdraws them when it ends. */
export class SharePublisher {
  private readonly published = new Map<Part, Published>();
  private encoding = '';
  /** The client tells of a change before the operation that made it returns; that must not start the next one. */
  private syncing = false;
  private latest: { readonly capture: Capture | null } | null = null;

  constructor(
    private readonly client: SharingClient,
    /** Told of operations that the client refused. */
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Called with every new state of the screen. */
  sync(capture: Capture | null): void {
    this.latest = { capture };
    if (this.syncing) return;
    this.syncing = true;
    while (this.latest) {
      const now: Capture | null = this.latest.capture;
      this.latest = null;
      this.syncPart('video', now);
      this.syncPart('audio', now);
      this.syncEncoding(now);
    }
    this.syncing = false;
  }

  /** Whether this is the handle of something shared here. */
  owns(handle: string | undefined): boolean {
    return Array.from(this.published.values()).some((published) => published.handle === handle);
  }

  private syncPart(part: Part, capture: Capture | null): void {
    const before = this.published.get(part);
    const track = capture?.[part] ?? null;
    if (before && before.track !== track) {
      this.published.delete(part);
      this.run(this.client.unpublish(before.handle));
    }
    if (capture && track && before?.track !== track) this.publish(part, track, capture);
  }

  private publish(part: Part, track: MediaStreamTrack, capture: Capture): void {
    const isVideo = part === 'video';
    const limits = isVideo ? shareLimits(capture.hint, track.getSettings()) : {};
    if (isVideo) this.encoding = JSON.stringify(limits);
    const type = isVideo ? 'screenShareVideo' : 'screenShareAudio';
    try {
      const handle = this.client.publish(track, { metadata: { type, paused: false }, ...limits });
      this.published.set(part, { handle, track });
    } catch (error) {
      this.onError(error);
    }
  }

  private syncEncoding(capture: Capture | null): void {
    const video = this.published.get('video');
    if (!video || !capture) return;
    const limits = shareLimits(capture.hint, video.track.getSettings());
    const encoding = JSON.stringify(limits);
    if (encoding === this.encoding) return;
    this.encoding = encoding;
    this.run(this.client.setEncoding(video.handle, limits));
  }

  private run(operation: Promise<void>): void {
    operation.catch(this.onError);
  }
}
