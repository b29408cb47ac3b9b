import type { Access, Client, ClientError, connect as connectClient, Notice, Snapshot } from '@videoroom/client';
import { ApiError, type JoinAnswer, type JoinRequest } from '../api/rooms';
import type { Devices } from '../devices/devices';
import { isMirrored } from '../devices/facing';
import { isOn } from '../devices/state';
import { isPassing, toFailure } from '../errors/failure';
import type { Claim } from '../session/claim';
import type { Stays } from '../session/resume';
import { Store } from '../ui/store';
import type { Capture } from '../screen/capture';
import type { Screen } from '../screen/screen';
import { field, nextPeople, remotePeople, selfPerson, type Holding, type Person, type Share } from './people';
import { Publisher } from './publisher';
import { SharePublisher } from './sharePublisher';
import type { CallPhase, CallState } from './state';

/** What a call needs from outside; tests bring their own. */
export interface CallEdges {
  readonly join: (room: string, request: JoinRequest) => Promise<JoinAnswer>;
  /** Loads the client when it is needed, so that the first page stays small. */
  readonly loadClient: () => Promise<{ connect: typeof connectClient; ClientError: typeof ClientError }>;
  readonly claim: (identity: string) => Promise<Claim | null>;
  readonly stays: Stays;
  readonly now: () => number;
}

export interface CallOptions {
  readonly room: string;
  readonly devices: Devices;
  readonly screen: Screen;
  readonly edges: CallEdges;
  /** The server does not take the shared screen. */
  readonly onShareRefused: () => void;
}

/** After a reconnection others may still be on their way back; this long their places are kept. */
const HOLD_MS = 6_000;
/** A first connection that takes longer has failed: the reasons are then worth more than patience. */
const CONNECT_PATIENCE_MS = 20_000;

/** One person's stay in one room, from pre-join over any number of joins. Owns the client and the identity. */
export class Call {
  private readonly store: Store<CallState>;
  private client: Client | null = null;
  private publisher: Publisher | null = null;
  private sharing: SharePublisher | null = null;
  private unsubscribe: (() => void)[] = [];
  /** The hold on the identity, or its being asked for. */
  private claim: Promise<Claim | null> | null = null;
  private answer: JoinAnswer | null = null;
  private name = '';
  /** From the wish to join until the end. */
  private active = false;
  private everConnected = false;
  private holdUntil = 0;
  private holdTimer: ReturnType<typeof setTimeout> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private order = new Map<string, number>();
  /** Counts joins, so that the result of an abandoned one is recognised. */
  private attempt = 0;

  constructor(private readonly options: CallOptions) {
    // A tab that was in the call when it was reloaded is on its way back, whatever it still has to find out.
    const resumes = options.edges.stays.read(options.room)?.joined === true;
    this.store = new Store<CallState>({ phase: resumes ? 'joining' : 'prejoin', people: [] });
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
    this.order = new Map();
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
          metadata: { displayName: name },
          onNotice: (notice) => this.onNotice(notice),
        }),
      );
    } catch (error) {
      // The file with the client could not be loaded.
      if (attempt === this.attempt) this.fail(new ApiError('connection_failed', 0, String(error)));
    }
  }

  /**
   * Makes sure that the identity of an earlier join is this tab's own. Resolves with false when another tab lives with
   * it: this one is a duplicate then, and forgets it.
   */
  async claimIdentity(): Promise<boolean> {
    const { edges, room } = this.options;
    const identity = edges.stays.read(room)?.identity;
    if (identity === undefined) return true;
    this.claim ??= edges.claim(identity);
    if (await this.claim) return true;
    this.claim = null;
    edges.stays.forget(room);
    return false;
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
    this.release();
  }

  /** Asks the server for a token: at the start, and whenever the old one is no longer good. */
  private async access(ClientErrorClass: typeof ClientError): Promise<Access> {
    const { edges, room } = this.options;
    await this.claimIdentity();
    const identity = edges.stays.read(room)?.identity;
    try {
      const answer = await edges.join(room, { name: this.name, ...(identity === undefined ? {} : { identity }) });
      this.accept(answer);
      return { url: answer.url, token: answer.token };
    } catch (cause) {
      const { code, message } = toFailure(cause, 0);
      // What fails at the first try is told at once; a call that ran comes back by itself when that may succeed.
      throw new ClientErrorClass(code, message, this.everConnected && isPassing(code), { cause });
    }
  }

  private accept(answer: JoinAnswer): void {
    const { edges, room, devices } = this.options;
    const before = edges.stays.read(room);
    this.answer = answer;
    if (before?.identity !== answer.identity) {
      this.release();
      // Nobody else can have the new one yet, so there is nothing to wait for.
      this.claim = edges.claim(answer.identity);
    }
    edges.stays.write(room, {
      identity: answer.identity,
      name: this.name,
      joined: true,
      microphone: devices.get().microphone.wanted,
      camera: devices.get().camera.wanted,
      since: before?.joined ? before.since : edges.now(),
    });
  }

  private release(): void {
    void this.claim?.then((claim) => claim?.release());
    this.claim = null;
  }

  private attach(client: Client): void {
    this.client = client;
    this.publisher = new Publisher(client, (error) => this.onRefusal(error));
    this.sharing = new SharePublisher(client, (error) => this.onRefusal(error));
    const update = () => this.update();
    const { devices, screen } = this.options;
    this.unsubscribe = [client, devices, screen].map((source) => source.subscribe(update));
    this.update();
  }

  private detach(): void {
    this.active = false;
    this.attempt += 1;
    clearTimeout(this.patience);
    clearTimeout(this.holdTimer);
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
    const people = phase.phase === 'joining' ? [] : this.people(snapshot, this.holding(phase));
    this.set(phase, people);
    this.rememberDevices();
    this.publisher?.sync(this.options.devices.get(), people.length);
    this.sharing?.sync(this.options.screen.get().capture);
  }

  private nextPhase({ status }: Snapshot): CallPhase {
    const before = this.get();
    if (status === 'connected') {
      clearTimeout(this.patience);
      this.everConnected = true;
      if (before.phase === 'reconnecting') this.hold();
      if (before.phase === 'joined') return before;
      return {
        phase: 'joined',
        since: this.options.edges.stays.read(this.options.room)?.since ?? this.options.edges.now(),
      };
    }
    if (!this.everConnected || !('since' in before)) return { phase: 'joining' };
    return { phase: 'reconnecting', since: before.since };
  }

  private holding(next: CallPhase): Holding {
    // At the very moment of being back, whoever is missing has not come back yet.
    if (next.phase === 'reconnecting' || this.get().phase === 'reconnecting') return 'everybody';
    return this.options.edges.now() < this.holdUntil ? 'away' : 'nobody';
  }

  /** Keeps the places of the missing for a while after a reconnection. */
  private hold(): void {
    this.holdUntil = this.options.edges.now() + HOLD_MS;
    clearTimeout(this.holdTimer);
    this.holdTimer = setTimeout(() => this.update(), HOLD_MS + 1);
  }

  private people(snapshot: Snapshot, holding: Holding): readonly Person[] {
    const { microphone, camera } = this.options.devices.get();
    const self = selfPerson({
      personId: field(snapshot.serverMetadata ?? null, 'personId'),
      peerId: snapshot.peerId ?? this.answer?.peerId ?? '',
      name: this.name,
      audio: isOn(microphone),
      video: isOn(camera),
      speaking: snapshot.localSpeaking,
      stream: this.preview(),
      unmirrored: camera.track !== null && !isMirrored(camera.track),
      shares: ownShares(this.options.screen.get().capture),
    });
    return nextPeople(this.get().people, this.order, [self, ...remotePeople(snapshot.peers, self.id)], holding);
  }

  private previewStream: MediaStream | null = null;

  /** The own camera as a stream: the same object as long as the track is the same. */
  private preview(): MediaStream | null {
    const { track } = this.options.devices.get().camera;
    if (!track) this.previewStream = null;
    else if (this.previewStream?.getVideoTracks()[0] !== track) this.previewStream = new MediaStream([track]);
    return this.previewStream;
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
    if (error) this.fail(error);
    else this.leave();
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
    const same = before.phase === phase.phase && before.people === people && phase.phase !== 'failed';
    if (!same) this.store.set({ ...phase, people });
  }
}

function ownShares(capture: Capture | null): readonly Share[] {
  return capture ? [{ trackId: capture.video.id, stream: capture.preview }] : [];
}
