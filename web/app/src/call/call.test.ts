import { ClientError, type ConnectOptions, type Json, type RemotePeer, type Snapshot } from '@videoroom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, type JoinAnswer, type JoinRequest } from '../api/rooms';
import type { Devices } from '../devices/devices';
import { NO_DEVICES_YET, type DevicesState } from '../devices/state';
import type { Claim } from '../session/claim';
import { Stays } from '../session/resume';
import type { Screen, ScreenState } from '../screen/screen';
import { Store } from '../ui/store';
import { Call, type CallEdges } from './call';

const EMPTY: Snapshot = {
  status: 'connecting',
  media: 'none',
  error: null,
  peerId: null,
  peers: [],
  localTracks: [],
  localSpeaking: false,
};

const peer = (id: string): RemotePeer => ({
  id,
  metadata: null,
  serverMetadata: { displayName: id, personId: `person-${id}` },
  tracks: [],
  joinedOrder: 0,
});

/** A client that does what the test says, and asks for tokens as the real one does. */
class FakeClient {
  readonly snapshot = new Store<Snapshot>(EMPTY);
  closed = false;
  retried = 0;
  published: string[] = [];
  /** What others were told of this person since the start. */
  metadata: Json[] = [];
  stats = (): RTCStatsReport | null => null;

  constructor(readonly options: ConnectOptions) {}

  /** Gets a token and is connected, or is closed by the refusal. */
  async connect(): Promise<void> {
    try {
      await this.options.getToken();
      this.set({ status: 'connected', peerId: 'p1', serverMetadata: { personId: 'person-me' } });
    } catch (error) {
      if (error instanceof ClientError && !error.retry) this.set({ status: 'closed', error });
      else throw error;
    }
  }
  set(changes: Partial<Snapshot>) {
    this.snapshot.set({ ...this.snapshot.get(), ...changes });
  }
  getSnapshot = () => this.snapshot.get();
  subscribe = (listener: () => void) => this.snapshot.subscribe(listener);
  publish = (track: MediaStreamTrack) => {
    this.published.push(track.id);
    return track.id;
  };
  unpublish = (handle: string) => {
    this.published = this.published.filter((id) => id !== handle);
    return Promise.resolve();
  };
  setPaused = () => Promise.resolve();
  replace = () => Promise.resolve();
  setEncoding = () => Promise.resolve();
  getStats = () => Promise.resolve(this.stats());
  updateMetadata = (metadata: Json) => {
    this.metadata.push(metadata);
  };
  diagnose = () => Promise.resolve({ suspect: 'no_reply' });
  retry = () => {
    this.retried += 1;
  };
  close = () => {
    this.closed = true;
  };
}

describe('Call', () => {
  let clients: FakeClient[];
  let requests: JoinRequest[];
  let answers: (JoinAnswer | ApiError)[];
  let held: Set<string>;
  let stays: Stays;
  let storage: Map<string, string>;
  let devices: Store<DevicesState>;
  let screen: Store<ScreenState>;
  let sharesRefused: number;

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    clients = [];
    requests = [];
    answers = [];
    held = new Set();
    storage = new Map();
    stays = new Stays({
      getItem: (key) => storage.get(key) ?? null,
      setItem: (key, value) => void storage.set(key, value),
      removeItem: (key) => void storage.delete(key),
    });
    devices = new Store<DevicesState>(NO_DEVICES_YET);
    screen = new Store<ScreenState>({ supported: true, asking: false, capture: null });
    sharesRefused = 0;
  });
  afterEach(() => vi.useRealTimers());

  const answer = (identity: string): JoinAnswer => ({
    token: 't',
    url: 'ws://h',
    peerId: 'p1',
    room: 'daily',
    identity,
  });

  function edges(): CallEdges {
    return {
      join: (_, request) => {
        requests.push(request);
        const next = answers.shift() ?? answer(`id-${requests.length}`);
        return next instanceof ApiError ? Promise.reject(next) : Promise.resolve(next);
      },
      loadClient: () =>
        Promise.resolve({
          ClientError,
          connect: (options: ConnectOptions) => {
            const client = new FakeClient(options);
            clients.push(client);
            return client as unknown as ReturnType<Awaited<ReturnType<CallEdges['loadClient']>>['connect']>;
          },
        }),
      claim: (identity): Promise<Claim | null> => {
        if (held.has(identity)) return Promise.resolve(null);
        held.add(identity);
        return Promise.resolve({ release: () => void held.delete(identity) });
      },
      stays,
      now: () => Date.now(),
    };
  }
  const make = () =>
    new Call({
      room: 'daily',
      devices: devices as unknown as Devices,
      screen: screen as unknown as Screen,
      edges: edges(),
      onShareRefused: () => (sharesRefused += 1),
    });
  const last = () => clients[clients.length - 1] ?? expect.fail('no client yet');
  const joined = async () => {
    const call = make();
    await call.join('Ana');
    await last().connect();
    expect(call.get().phase).toBe('joined');
    return call;
  };

  it('joins, and remembers enough to come back', async () => {
    const call = make();
    expect(call.get().phase).toBe('prejoin');
    const joining = call.join('Ana');
    expect(call.get().phase).toBe('joining');
    await joining;
    await last().connect();
    expect(call.get()).toMatchObject({ phase: 'joined', since: 1_000_000 });
    expect(call.get().people).toMatchObject([{ id: 'person-me', peerId: 'p1', name: 'Ana', self: true }]);
    expect(requests).toEqual([{ name: 'Ana' }]);
    expect(stays.read('daily')).toMatchObject({ identity: 'id-1', name: 'Ana', joined: true });
  });

  it('comes back after a reload with its identity, at once and since when it began', async () => {
    (await joined()).close();
    vi.setSystemTime(1_060_000);
    const again = make();
    expect(again.get().phase).toBe('joining');
    await again.join('Ana');
    await last().connect();
    expect(requests[1]).toEqual({ name: 'Ana', identity: 'id-1' });
    expect(again.get()).toMatchObject({ phase: 'joined', since: 1_000_000 });
  });

  it('says on the own tile and to others that much of what it sends is lost, until that ends', async () => {
    const call = await joined();
    let packets = 0;
    let lost = 0;
    let share = 0.2;
    last().stats = () => {
      packets += 100;
      lost += 100 * share;
      const sent = { type: 'outbound-rtp', packetsSent: packets };
      const told = { type: 'remote-inbound-rtp', packetsLost: lost };
      return new Map(Object.entries({ sent, told }));
    };
    await vi.advanceTimersByTimeAsync(20_000);
    expect(call.get().people).toMatchObject([{ self: true, weak: 'unsteady' }]);
    share = 0;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(call.get().people).toMatchObject([{ self: true, weak: null }]);
    expect(last().metadata).toEqual([{ displayName: 'Ana', link: 'unsteady' }, { displayName: 'Ana' }]);
  });

  it('joins as a new person in a duplicated tab', async () => {
    await joined();
    const duplicate = make();
    expect(await duplicate.claimIdentity()).toBe(false);
    await duplicate.join('Ana');
    await last().connect();
    expect(requests[1]).toEqual({ name: 'Ana' });
  });

  it.each(['room_full', 'media_server_unavailable', 'invalid_name'])(
    'says at once when the first join fails: %s',
    async (code) => {
      answers = [new ApiError(code, 400, 'no')];
      const call = make();
      await call.join('Ana');
      await last().connect();
      expect(call.get()).toMatchObject({ phase: 'failed', failure: { code, status: 400 } });
      expect(last().closed).toBe(true);
      expect(stays.read('daily')).toBeNull();
    },
  );

  it('in a running call waits for a server that is away, but not for a place in a full room', async () => {
    const call = await joined();
    last().set({ status: 'reconnecting' });
    expect(call.get()).toMatchObject({ phase: 'reconnecting', since: 1_000_000 });
    answers = [new ApiError('media_server_unavailable', 503, 'away'), new ApiError('room_full', 409, 'full')];
    await expect(last().options.getToken()).rejects.toMatchObject({ code: 'media_server_unavailable', retry: true });
    await expect(last().options.getToken()).rejects.toMatchObject({ code: 'room_full', retry: false });
  });

  it.each(['removed', 'replaced', 'room_closed', 'media_failed', 'away'])(
    'ends with its own screen when %s',
    async (code) => {
      const call = await joined();
      last().set({ status: 'closed', error: new ClientError(code, 'because') });
      expect(call.get()).toMatchObject({ phase: 'failed', failure: { code, message: 'because' } });
      expect(stays.read('daily')).toMatchObject({ joined: false });
    },
  );

  it('adds what was tried when sound and picture never came', async () => {
    const call = await joined();
    last().set({ status: 'closed', error: new ClientError('media_failed', 'because') });
    await vi.advanceTimersByTimeAsync(0);
    expect(call.get()).toMatchObject({ phase: 'failed', failure: { diagnosis: { suspect: 'no_reply' } } });
  });

  it('explains what blocks it, keeps everybody, and is back as soon as it flows', async () => {
    const call = await joined();
    last().set({ peers: [peer('ben')], media: 'blocked' });
    expect(call.get()).toMatchObject({ phase: 'reconnecting', blocked: true, since: 1_000_000 });
    expect(call.get().people).toMatchObject([{ self: true }, { name: 'ben', away: false }]);
    expect(await call.diagnose()).toMatchObject({ suspect: 'no_reply' });
    call.retry();
    expect(last().retried).toBe(1);
    last().set({ status: 'reconnecting' });
    expect(call.get()).toMatchObject({ phase: 'reconnecting', blocked: true });
    last().set({ status: 'connected', media: 'flowing' });
    expect(call.get().phase).toBe('joined');
  });

  it('does not claim to be connected while nothing flows, and lets others leave meanwhile', async () => {
    const call = await joined();
    last().set({ peers: [peer('ben')], media: 'flowing' });
    last().set({ media: 'interrupted' });
    expect(call.get().phase).toBe('joined');
    vi.advanceTimersByTime(1_000);
    expect(call.get()).toMatchObject({ phase: 'reconnecting', blocked: false });
    last().set({ peers: [] });
    expect(call.get().people).toHaveLength(1);
    last().set({ media: 'flowing' });
    expect(call.get().phase).toBe('joined');
  });

  it('gives up a first connection that never comes', async () => {
    const call = make();
    await call.join('Ana');
    vi.advanceTimersByTime(20_000);
    expect(call.get()).toMatchObject({ phase: 'failed', failure: { code: 'connection_failed' } });
  });

  it('leaves, does not come back by itself, and joins again as the same person', async () => {
    const call = await joined();
    call.leave();
    expect(call.get()).toEqual({ phase: 'left', people: [] });
    expect(last().closed).toBe(true);
    expect(make().get().phase).toBe('prejoin');
    await call.join('Ana');
    await last().connect();
    expect(requests[1]).toEqual({ name: 'Ana', identity: 'id-1' });
    expect(call.get().phase).toBe('joined');
  });

  it('takes the browser’s "back" for leaving', async () => {
    const call = await joined();
    call.quit();
    expect(last().closed).toBe(true);
    expect(stays.read('daily')).toMatchObject({ joined: false });
  });

  it('keeps the places of others while reconnecting and a moment longer', async () => {
    const call = await joined();
    const names = () => call.get().people.map(({ name, away }) => (away ? `(${name})` : name));
    last().set({ peers: [peer('ben'), peer('chi')] });
    expect(names()).toEqual(['Ana', 'ben', 'chi']);
    last().set({ status: 'reconnecting', peers: [] });
    expect(names()).toEqual(['Ana', '(ben)', '(chi)']);
    last().set({ status: 'connected', peers: [peer('chi'), peer('dan')] });
    expect(names()).toEqual(['Ana', '(ben)', 'chi', 'dan']);
    last().set({ peers: [peer('chi')] });
    expect(names()).toEqual(['Ana', '(ben)', 'chi']);
    // The system corrects its clock.
    vi.setSystemTime(Date.now() - 60_000);
    vi.advanceTimersByTime(7_000);
    expect(names()).toEqual(['Ana', 'chi']);
    last().set({ peers: [] });
    expect(names()).toEqual(['Ana']);
  });

  it('publishes what is on and remembers mute for a reload', async () => {
    const track = { id: 'mic', getSettings: () => ({}) } as MediaStreamTrack;
    await joined();
    const microphone = { wanted: true, asking: false, track, problem: null };
    devices.set({ ...NO_DEVICES_YET, microphone });
    expect(last().published).toEqual(['mic']);
    expect(stays.read('daily')).toMatchObject({ microphone: true });
    devices.set({ ...NO_DEVICES_YET, microphone: { ...microphone, wanted: false } });
    expect(stays.read('daily')).toMatchObject({ microphone: false });
  });

  describe('with a screen', () => {
    const video = { id: 'screen', getSettings: () => ({}) } as MediaStreamTrack;
    const share = () => {
      const capture = { video, audio: null, hint: 'text', preview: null } as const;
      screen.set({ supported: true, asking: false, capture });
    };
    const stop = () => screen.set({ supported: true, asking: false, capture: null });

    it('publishes and withdraws it, and shows it with the own person', async () => {
      const call = await joined();
      share();
      expect(last().published).toEqual(['screen']);
      expect(call.get().people).toMatchObject([{ self: true, shares: [{ trackId: 'screen' }] }]);
      stop();
      expect(last().published).toEqual([]);
      expect(call.get().people).toMatchObject([{ self: true, shares: [] }]);
    });

    it('keeps it while reconnecting: the client publishes it again', async () => {
      const call = await joined();
      share();
      last().set({ status: 'reconnecting' });
      expect(call.get().people).toMatchObject([{ self: true, shares: [{ trackId: 'screen' }] }]);
      last().set({ status: 'connected' });
      expect(last().published).toEqual(['screen']);
    });

    it('tells when the server refuses it, and only then', async () => {
      await joined();
      share();
      const notify = (code: 'refused' | 'ignored', trackId: string) =>
        last().options.onNotice?.({ code, message: 'too many tracks', trackId });
      notify('refused', 'camera');
      notify('ignored', 'screen');
      expect(sharesRefused).toBe(0);
      notify('refused', 'screen');
      expect(sharesRefused).toBe(1);
    });

    it('sends nothing of it after the end', async () => {
      const call = await joined();
      call.leave();
      share();
      expect(last().published).toEqual([]);
    });
  });

  it('does not join twice', async () => {
    const call = make();
    await Promise.all([call.join('Ana'), call.join('Ana')]);
    expect(clients).toHaveLength(1);
  });
});
