import { Supervisor } from './connection/supervisor';
import { ClientError } from './errors';
import { Diagnostics, type Circumstances } from './media/diagnostics';
import { Store } from './state/store';
import { RemoteStreams } from './tracks/streams';
import { Publisher } from './tracks/publisher';
import { LocalVoice } from './tracks/voice';
import { metadataText } from './wire/json';
import type { Edges } from './edges';
import type { Action } from './state/actions';
import type {
  Client,
  ConnectOptions,
  Diagnosis,
  EncodingLimits,
  Json,
  PublishOptions,
  Snapshot,
  TrackMetadata,
} from './types';

/** What `connect` returns: puts the parts together. */
export class RoomClient implements Client {
  readonly #store: Store;
  readonly #publisher: Publisher;
  readonly #supervisor: Supervisor;
  readonly #voice: LocalVoice;
  readonly #diagnostics: Diagnostics;
  #metadata: Json;
  #closed = false;

  constructor(
    options: ConnectOptions,
    private readonly edges: Edges,
  ) {
    this.#metadata = options.metadata ?? null;
    this.#store = new Store((observed) => this.#voice.observe(observed && !this.#closed));
    const streams = new RemoteStreams(edges);
    this.#diagnostics = new Diagnostics(edges);
    const dispatch = (action: Action) => {
      this.#store.dispatch(action);
      this.#diagnostics.observe(this.#store.snapshot.media);
      streams.keepOnly(remoteTrackIds(this.#store.snapshot));
    };
    this.#publisher = new Publisher(edges, dispatch, () => this.#supervisor.session);
    this.#voice = new LocalVoice(
      edges,
      () => this.#publisher.microphone(),
      (speaking) => dispatch({ type: 'localVoiceActivity', speaking }),
    );
    this.#supervisor = new Supervisor(edges, {
      getToken: options.getToken,
      dispatch,
      notice: (notice) => options.onNotice?.(notice),
      metadata: () => this.#metadata,
      localTracks: () => this.#publisher.tracks(),
      streams,
      snapshot: () => this.#store.snapshot,
      onEvidence: (evidence) => this.#diagnostics.remember(evidence),
      onEnd: (error) => this.#end(error),
    });
  }

  /** Starts connecting, or ends at once when nothing can come of it. */
  start(): void {
    try {
      metadataText(this.#metadata);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#supervisor.run().catch((error: unknown) => this.fail(error));
  }

  /** Ends with an error. */
  fail(error: unknown): void {
    this.#end(
      error instanceof ClientError ? error : new ClientError('internal', String(error), true, { cause: error }),
    );
  }

  getSnapshot(): Snapshot {
    return this.#store.snapshot;
  }

  subscribe(listener: () => void): () => void {
    return this.#store.subscribe(listener);
  }

  publish(track: MediaStreamTrack, options: PublishOptions): string {
    return this.#closed ? this.edges.uuid() : this.#publisher.publish(track, options);
  }

  replace(handle: string, track: MediaStreamTrack | null): Promise<void> {
    return this.#publisher.replace(handle, track);
  }

  setPaused(handle: string, paused: boolean, track?: MediaStreamTrack): Promise<void> {
    return this.#publisher.setPaused(handle, paused, track);
  }

  setEncoding(handle: string, limits: EncodingLimits): Promise<void> {
    return this.#publisher.setEncoding(handle, limits);
  }

  unpublish(handle: string): Promise<void> {
    return this.#publisher.unpublish(handle);
  }

  updateMetadata(metadata: Json): void {
    metadataText(metadata);
    this.#metadata = metadata;
    this.#supervisor.session?.send({ type: 'updateEndpointMetadata', metadata });
  }

  updateTrackMetadata(handle: string, metadata: TrackMetadata): void {
    this.#publisher.updateMetadata(handle, metadata);
  }

  async getStats(): Promise<RTCStatsReport | null> {
    const connection = this.#supervisor.session?.negotiator?.connection;
    return (await connection?.getStats()) ?? null;
  }

  diagnose(): Promise<Diagnosis> {
    return this.#diagnostics.diagnose(this.#supervisor.session?.negotiator?.connection ?? null, this.#circumstances());
  }

  retry(): void {
    if (!this.#closed) this.#supervisor.retry();
  }

  close(): void {
    this.#end(null);
  }

  #circumstances(): Circumstances {
    const { status, media } = this.#store.snapshot;
    const { access, mediaFailures } = this.#supervisor;
    return { status, media, access, failedSessions: mediaFailures };
  }

  #end(error: ClientError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#diagnostics.close(this.#circumstances());
    this.#supervisor.close();
    this.#voice.observe(false);
    this.#publisher.clear();
    this.#store.dispatch({ type: 'closed', error });
  }
}

function remoteTrackIds({ peers }: Snapshot): ReadonlySet<string> {
  return new Set(peers.flatMap(({ tracks }) => tracks.map(({ id }) => id)));
}
