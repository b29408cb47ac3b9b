import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RoomOptions } from '../app/route';
import type { DeviceKind, MediaEdges } from '../devices/edges';
import { Stays, type Stay } from '../session/resume';
import { t } from '../strings';
import type { CallEdges } from './call';
import { RoomSession } from './roomSession';

const link: RoomOptions = { name: 'Ana', join: true, camera: true, microphone: true };
const stay: Stay = { identity: 'id', name: 'Ana', joined: true, microphone: true, camera: true, since: 5 };

/** A page with devices that answer as told, and a server that never answers: only whether it is asked counts. */
describe('RoomSession', () => {
  let permissions: Record<DeviceKind, PermissionState>;
  let missing: boolean;
  let storage: Map<string, string>;
  let asked: MediaStreamConstraints[];
  let joins: string[];
  let claimable: boolean;
  let addresses: readonly string[];
  let shareScreen: () => Promise<MediaStream>;

  beforeEach(() => {
    permissions = { microphone: 'granted', camera: 'granted' };
    missing = false;
    storage = new Map();
    asked = [];
    joins = [];
    claimable = true;
    addresses = [];
    shareScreen = () => Promise.reject(new DOMException('', 'NotFoundError'));
  });

  const stays = () =>
    new Stays({
      getItem: (key) => storage.get(key) ?? null,
      setItem: (key, value) => void storage.set(key, value),
      removeItem: (key) => void storage.delete(key),
    });

  const track = (kind: string) =>
    ({
      kind,
      label: kind,
      stop: vi.fn(),
      addEventListener: vi.fn(),
      getSettings: () => ({}),
    }) as unknown as MediaStreamTrack;

  function media(): MediaEdges {
    const getUserMedia = (wish: MediaStreamConstraints) => {
      asked.push(wish);
      const kinds: DeviceKind[] = [
        ...(wish.audio ? (['microphone'] as const) : []),
        ...(wish.video ? (['camera'] as const) : []),
      ];
      if (missing && wish.video) return Promise.reject(new DOMException('', 'NotFoundError'));
      if (kinds.some((kind) => permissions[kind] === 'denied'))
        return Promise.reject(new DOMException('', 'NotAllowedError'));
      return Promise.resolve({
        getAudioTracks: () => [track('audio')],
        getVideoTracks: () => [track('video')],
      } as unknown as MediaStream);
    };
    return {
      mediaDevices: Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve([]) }),
      secure: true,
      canChooseSpeaker: false,
      permission: (kind) => Promise.resolve(permissions[kind]),
      watchPermission: () => () => undefined,
    };
  }

  function make(options: RoomOptions = link): RoomSession {
    const call: CallEdges = {
      join: () => Promise.reject(new Error('not reached')),
      loadClient: () => new Promise(() => undefined),
      claim: () => Promise.resolve(claimable ? { release: () => undefined } : null),
      stays: stays(),
      now: () => 0,
    };
    const session = new RoomSession({
      room: 'daily',
      options,
      preferences: {},
      remember: vi.fn(),
      media: media(),
      screen: { getDisplayMedia: shareScreen, filtersOwnSound: false },
      call,
      addresses: () => Promise.resolve(addresses),
    });
    const join = session.call.join.bind(session.call);
    session.call.join = (name) => {
      joins.push(name);
      return join(name);
    };
    return session;
  }

  /** Starts and lets everything settle that can. */
  async function start(session: RoomSession) {
    void session.start();
    await new Promise((resolve) => setImmediate(resolve));
    return session;
  }

  it.each<[string, Partial<RoomOptions>, Partial<Record<DeviceKind, PermissionState>>, boolean]>([
    ['devices are granted', {}, {}, true],
    ['none are asked for', { camera: false, microphone: false }, { camera: 'prompt', microphone: 'prompt' }, true],
    ['only the one not asked for is open', { camera: false }, { camera: 'prompt' }, true],
    ['the browser would ask', {}, { camera: 'prompt' }, false],
    ['one is blocked', {}, { microphone: 'denied' }, false],
    ['there is no name', { name: '  ' }, {}, false],
    ['the name is invisible', { name: '\u202E\u200B' }, {}, false],
    ['the name turns the writing around', { name: '\u202EAna' }, {}, true],
    ['the link does not say so', { join: false }, {}, false],
  ])('join without a click when %s', async (_, options, changes, expected) => {
    Object.assign(permissions, changes);
    const session = await start(make({ ...link, ...options }));
    expect(joins).toEqual(expected ? ['Ana'] : []);
    expect(session.call.get().phase).toBe(expected ? 'joining' : 'prejoin');
  });

  it('joins without a click and without the camera that does not exist', async () => {
    missing = true;
    await start(make());
    expect(joins).toEqual(['Ana']);
  });

  it('goes straight back after a reload, muted as it was', async () => {
    stays().write('daily', { ...stay, microphone: false });
    const session = await start(make({ ...link, join: false, name: 'Bob' }));
    expect(joins).toEqual(['Ana']);
    expect(asked).toEqual([expect.not.objectContaining({ audio: expect.anything() as unknown })]);
    expect(session.notices.get()).toEqual([]);
  });

  it('in a duplicated tab starts muted, says why, and forgets the identity', async () => {
    stays().write('daily', stay);
    claimable = false;
    const session = await start(make());
    expect(joins).toEqual(['Ana']);
    expect(session.devices.get().microphone.wanted).toBe(false);
    expect(session.notices.get()).toMatchObject([{ text: t.room.alsoElsewhere }]);
    expect(stays().read('daily')).toBeNull();
  });

  it('says why there is nothing to share', async () => {
    const session = await start(make({ ...link, join: false }));
    await session.screen.start();
    expect(session.notices.get()).toMatchObject([{ text: t.shareProblems.missing }]);
  });

  it('shares no longer than the call lasts', async () => {
    const stop = vi.fn();
    const video = Object.assign(track('video'), { stop, applyConstraints: () => Promise.resolve() });
    const stream = { getVideoTracks: () => [video], getAudioTracks: () => [] };
    shareScreen = () => Promise.resolve(stream as unknown as MediaStream);
    const session = await start(make());
    await session.screen.start();
    expect(session.screen.get().capture).not.toBeNull();
    session.leave();
    expect(session.screen.get().capture).toBeNull();
    expect(stop).toHaveBeenCalledOnce();
  });

  it('gives others an address that works for them', async () => {
    expect((await start(make())).link.get()).toMatchObject({ inNetwork: false });
    addresses = ['https://192.168.1.5:8080'];
    const session = await start(make());
    expect(session.link.get()).toEqual({ url: 'https://192.168.1.5:8080/room/daily', inNetwork: true });
  });

  it('leaves no words of the call behind', async () => {
    const session = await start(make());
    session.announcer.say(t.announce.microphoneOff);
    session.leave();
    expect(session.announcer.words.get()).toBe('You left the call');
  });

  it('asks for the name again with the link’s name first', async () => {
    stays().write('daily', { ...stay, joined: false });
    expect((await start(make({ ...link, join: false, name: 'Bob' }))).initialName).toBe('Bob');
    expect((await start(make({ ...link, join: false, name: null }))).initialName).toBe('Ana');
    expect(joins).toEqual([]);
  });

  it('tries again with the name just typed, although the first attempt left no stay behind', async () => {
    const session = await start(make({ ...link, join: false, name: null }));
    session.join(' Cleo ');
    expect(session.initialName).toBe('Cleo');
    await session.rejoin();
    expect(joins).toEqual(['Cleo', 'Cleo']);
  });
});
