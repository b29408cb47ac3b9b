import type {
  Access,
  Client,
  ClientError,
  connect as connectClient,
  Diagnosis,
  Notice,
  Snapshot,
} from '@videoroom/client';
import { ApiError } from '../api/rooms';
import type { Devices } from '../devices/devices';
import { isPassing, toFailure } from '../errors/failure';
import { Store } from '../ui/store';
import type { Screen } from '../screen/screen';
import { Admission, type AdmissionEdges } from './admission';
import { Cast } from './cast';
import { LinkWatch } from './link';
import type { Person } from './people';
import { Publisher } from './publisher';
import { SharePublisher } from './sharePublisher';
import type { CallPhase, CallState } from './state';
import { selfMetadata, watchUplink, type Weakness } from './uplink';

/** What a call needs from outside; tests bring their own. */
export interface CallEdges extends AdmissionEdges {
  /** Loads the client when it is needed, so that the first page stays small. */
  readonly loadClient: () => Promise<{ connect: typeof connectClient; ClientError: typeof ClientError }>;
}

export interface CallOptions {
  readonly room: string;
  readonly devices: Devices;
  readonly screen: Screen;
  readonly edges: CallEdges;
  /** The server does not take the shared screen. */
  readonly onShareRefused: () => void;
}

/** A first connection that takes longer has failed: the reasons are then worth more than patience. */
const CONNECT_PATIENCE_MS = 20_000;

/** One person's stay in one room, from pre-join over any number of joins. Owns the client. */
export class Call {
  private readonly store: Store<CallState>;
  private client: Client | null = null;
  private publisher: Publisher | null = null;
  private sharing: SharePublisher | null = null;
  private unsubscribe: (() => void)[] = [];
  private readonly admission: Admission;
  private readonly link: LinkWatch;
  private readonly cast: Cast;
  private name = '';
  /** What is wrong with the way from here to the server. */
  private weak: Weakness | null = null;
  /** From the wish to join until the end. */
  private active = false;
  private everConnected = false;
  private patience: ReturnType<typeof setTimeout> | undefined;
  /** Counts joins, so that the result of an abandoned one is recognised. */
  private attempt = 0;

  constructor(private readonly options: CallOptions) {
    // A tab that was in the call when it was reloaded is on its way back, whatever it still has to find out.
    const resumes = options.edges.stays.read(options.room)?.joined === true;
    this.store = new Store<CallState>({ phase: resumes ? 'joining' : 'prejoin', people: [] });
    this.admission = new Admission(options);
    const onDue = () => this.update();
    this.link = new LinkWatch(onDue);
    this.cast = new Cast({ devices: options.devices, screen: options.screen, onDue });
  }

  get get() {
    return this.store.get;
  }

  get subscribe() {
    return this.store.subscribe;
  }

  /** Joins, from any state outside the call. Progress and failure are in the state. */
  async join(name: string): Promise<void> {
    if (this.active) return;
    this.active = true;
    this.name = name;
    this.everConnected = false;
    this.set({ phase: 'joining' }, []);
    const attempt = (this.attempt += 1);
    try {
      const { connect, ClientError } = await this.options.edges.loadClient();
      if (attempt !== this.attempt) return;
      this.patience = setTimeout(
        () => this.fail(new ClientError('connection_failed', 'no connection in time', true)),
        CONNECT_PATIENCE_MS,
      );
      this.attach(
        connect({
          getToken: () => this.access(ClientError),
          metadata: selfMetadata(name, null),
          onNotice: (notice) => this.onNotice(notice),
        }),
      );
    } catch (error) {
      // The file with the client could not be loaded.
      if (attempt === this.attempt) this.fail(new ApiError('connection_failed', 0, String(error)));
    }
  }

  /** Resolves with false when another tab lives with the identity of the earlier join: this one is a duplicate then. */
  claimIdentity(): Promise<boolean> {
    return this.admission.claimIdentity();
  }

  /** What was tried to get sound and picture through; null outside the call. */
  async diagnose(): Promise<Diagnosis | null> {
    return (await this.client?.diagnose()) ?? null;
  }

  /** Tries again now what does not work. */
  retry(): void {
    this.client?.retry();
  }

  /** Ends the call by the person's wish. */
  leave(): void {
    this.options.edges.stays.update(this.options.room, { joined: false });
    this.detach();
    this.set({ phase: 'left' }, []);
  }

  /** Back to where the name is asked for. */
  prepare(): void {
    this.detach();
    this.set({ phase: 'prejoin' }, []);
  }

  /** The screen goes away, as with the browser's "back": that is leaving as well. */
  quit(): void {
    if (this.everConnected && this.active) this.options.edges.stays.update(this.options.room, { joined: false });
    this.close();
  }

  /** The page goes away: others see it at once, and a reload comes back. */
  close(): void {
    this.detach();
    this.admission.release();
  }

  /** Asks the server for a token: at the start, and whenever the old one is no longer good. */
  private async access(ClientErrorClass: typeof ClientError): Promise<Access> {
    try {
      const { url, token } = await this.admission.ask(this.name);
      return { url, token };
    } catch (cause) {
      const { code, message } = toFailure(cause, 0);
      // What fails at the first try is told at once; a call that ran comes back by itself when that may succeed.
      throw new ClientErrorClass(code, message, this.everConnected && isPassing(code), { cause });
    }
  }

  private attach(client: Client): void {
    this.client = client;
    this.publisher = new Publisher(client, (error) => this.onRefusal(error));
    this.sharing = new SharePublisher(client, (error) => this.onRefusal(error));
    const update = () => this.update();
    const { devices, screen } = this.options;
    this.unsubscribe = [
      ...[client, devices, screen].map((source) => source.subscribe(update)),
      watchUplink(
        () => client.getStats(),
        (weak) => this.onUplink(client, weak),
      ),
    ];
    this.update();
  }

  /** On one's own tile and on those that others see. */
  private onUplink(client: Client, weak: Weakness | null): void {
    this.weak = weak;
    client.updateMetadata(selfMetadata(this.name, weak));
    this.update();
  }

  private detach(): void {
    this.active = false;
    this.weak = null;
    this.attempt += 1;
    clearTimeout(this.patience);
    this.link.stop();
    this.cast.reset();
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    this.unsubscribe = [];
    this.publisher = null;
    this.sharing = null;
    const { client } = this;
    this.client = null;
    client?.close();
  }

  /** Follows the client and the devices. */
  private update(): void {
    const { client } = this;
    if (!client) return;
    const snapshot = client.getSnapshot();
    if (snapshot.status === 'closed') {
      this.ended(snapshot);
      return;
    }
    const phase = this.nextPhase(snapshot);
    const people =
      phase.phase === 'joining' ? [] : this.cast.read(snapshot, this.name, this.admission.peerId, this.weak);
    this.set(phase, people);
    this.rememberDevices();
    this.publisher?.sync(this.options.devices.get(), people.length);
    this.sharing?.sync(this.options.screen.get().capture);
  }

  private nextPhase(snapshot: Snapshot): CallPhase {
    if (snapshot.status === 'connected' && !this.everConnected) {
      clearTimeout(this.patience);
      this.everConnected = true;
    }
    if (!this.everConnected) return { phase: 'joining' };
    const before = this.get();
    const { edges, room } = this.options;
    const since = 'since' in before ? before.since : (edges.stays.read(room)?.since ?? edges.now());
    const link = this.link.read(snapshot);
    return link === 'good' ? { phase: 'joined', since } : { phase: 'reconnecting', since, blocked: link === 'blocked' };
  }

  /** So that a reload comes back muted as it was. */
  private rememberDevices(): void {
    const { edges, room, devices } = this.options;
    const stay = edges.stays.read(room);
    const { microphone, camera } = devices.get();
    if (!stay || (stay.microphone === microphone.wanted && stay.camera === camera.wanted)) return;
    edges.stays.update(room, { microphone: microphone.wanted, camera: camera.wanted });
  }

  private ended({ error }: Snapshot): void {
    const { client } = this;
    if (!error) {
      this.leave();
      return;
    }
    this.fail(error);
    if (client && error.code === 'media_failed') void this.explain(client);
  }

  /** Adds to a failure what was tried. */
  private async explain(client: Client): Promise<void> {
    const { attempt } = this;
    const diagnosis = await client.diagnose();
    const now = this.get();
    if (attempt !== this.attempt || now.phase !== 'failed') return;
    this.store.set({ ...now, failure: { ...now.failure, diagnosis } });
  }

  private fail(error: unknown): void {
    this.options.edges.stays.update(this.options.room, { joined: false });
    this.detach();
    this.set({ phase: 'failed', failure: toFailure(error, this.options.edges.now()) }, []);
  }

  /** A device's media could not be sent; the call itself goes on, and the state of the client says more. */
  private onRefusal(error: unknown): void {
    if (this.client) reportError(error);
  }

  private onNotice({ code, trackId }: Notice): void {
    if (code === 'refused' && this.sharing?.owns(trackId)) this.options.onShareRefused();
  }

  private set(phase: CallPhase, people: readonly Person[]): void {
    const before = this.get();
    if (before.people !== people || !isSame(before, phase)) this.store.set({ ...phase, people });
  }
}

function isSame(before: CallPhase, now: CallPhase): boolean {
  if (now.phase === 'failed') return false;
  return before.phase === now.phase && (!('blocked' in now) || ('blocked' in before && before.blocked === now.blocked));
}
