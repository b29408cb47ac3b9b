import { ClientError } from '../errors';
import { metadataText } from '../wire/json';
import { LocalTracks, sentTrack, type LocalMedia } from './local';
import { limitSender } from './senders';
import type { SentMicrophone } from './voice';
import type { Session } from '../connection/session';
import type { Edges } from '../edges';
import type { Action } from '../state/actions';
import type { EncodingLimits, PublishOptions, TrackMetadata } from '../types';

/**
 * What this peer publishes. Wishes are kept here over sessions; a session that runs is told at once, the next one
 * takes all of them along.
 */
export class Publisher {
  readonly #tracks = new LocalTracks();

  /** @param session - the one that runs now */
  constructor(
    private readonly edges: Edges,
    private readonly dispatch: (action: Action) => void,
    private readonly session: () => Session | null,
  ) {}

  tracks(): Iterable<LocalMedia> {
    return this.#tracks.values();
  }

  /** The first microphone that is not muted. */
  microphone(): SentMicrophone | undefined {
    for (const media of this.#tracks.values()) {
      const track = sentTrack(media);
      if (media.metadata.type !== 'microphone' || track === null) continue;
      const sender = this.session()?.negotiator?.senders.sender(media.id);
      return sender && { sender, track };
    }
    return undefined;
  }

  publish(track: MediaStreamTrack, { metadata, ...limits }: PublishOptions): string {
    metadataText(metadata);
    const id = this.edges.uuid();
    const kind = track.kind === 'audio' ? 'audio' : 'video';
    this.#tracks.add({ id, kind, track, muted: metadata.paused, metadata, limits });
    this.dispatch({ type: 'localTrackAdded', track: { id, kind, metadata, published: false } });
    this.session()?.negotiator?.localTracksChanged();
    return id;
  }

  async replace(id: string, track: MediaStreamTrack | null): Promise<void> {
    const media = this.#change(id, track, {});
    if (media !== undefined) await this.#onSender(id, (sender) => sender.replaceTrack(sentTrack(media)));
  }

  async setPaused(id: string, paused: boolean, track?: MediaStreamTrack): Promise<void> {
    const before = this.#tracks.get(id);
    if (before === undefined) return;
    const metadata = { ...before.metadata, paused };
    const media = this.#change(id, track ?? before.track, { muted: paused, metadata });
    if (media === undefined) return;
    this.dispatch({ type: 'localTrackUpdated', id, metadata });
    await this.#onSender(id, (sender) => sender.replaceTrack(sentTrack(media)));
    const trackId = this.#trackId(id);
    if (trackId !== undefined && !paused) this.session()?.send({ type: 'unmuteTrack', trackId });
    this.#sendMetadata(id);
  }

  async setEncoding(id: string, limits: EncodingLimits): Promise<void> {
    const media = this.#tracks.update(id, { limits });
    if (media !== undefined) await this.#onSender(id, (sender) => limitSender(sender, media));
  }

  async unpublish(id: string): Promise<void> {
    if (!this.#tracks.remove(id)) return;
    this.dispatch({ type: 'localTrackRemoved', id });
    const stopped = this.#onSender(id, (sender) => sender.replaceTrack(null));
    this.session()?.negotiator?.localTracksChanged();
    await stopped;
  }

  updateMetadata(id: string, metadata: TrackMetadata): void {
    metadataText(metadata);
    if (this.#tracks.update(id, { metadata }) === undefined) return;
    this.dispatch({ type: 'localTrackUpdated', id, metadata });
    this.#sendMetadata(id);
  }

  clear(): void {
    this.#tracks.clear();
  }

  #change(id: string, track: MediaStreamTrack | null, changes: Partial<LocalMedia>): LocalMedia | undefined {
    const kind = this.#tracks.get(id)?.kind;
    if (track !== null && kind !== undefined && track.kind !== kind) {
      throw new ClientError('internal', `a track of kind ${kind} cannot carry ${track.kind}`);
    }
    return this.#tracks.update(id, { ...changes, track });
  }

  /** The newest metadata, as long as the session knows the track; an offer that is being made has it anyway. */
  #sendMetadata(id: string): void {
    const trackId = this.#trackId(id);
    const metadata = this.#tracks.get(id)?.metadata;
    if (trackId !== undefined && metadata !== undefined) {
      this.session()?.send({ type: 'updateTrackMetadata', trackId, metadata });
    }
  }

  #trackId(id: string): string | undefined {
    return this.session()?.negotiator?.senders.trackId(id);
  }

  /** Changes what is sent now. When the session ends meanwhile, the next one starts with the wish. */
  async #onSender(id: string, change: (sender: RTCRtpSender) => Promise<void>): Promise<void> {
    const negotiator = this.session()?.negotiator;
    const sender = negotiator?.senders.sender(id);
    if (sender === undefined) return;
    try {
      await change(sender);
    } catch (cause) {
      if (this.session()?.negotiator !== negotiator) return;
      throw new ClientError('media_failed', 'the browser does not take the change of a track', false, { cause });
    }
  }
}
