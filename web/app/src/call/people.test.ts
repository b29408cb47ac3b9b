import type { Json, RemotePeer, RemoteTrack } from '@videoroom/client';
import { describe, expect, it } from 'vitest';
import { nameOf, nextPeople, remotePeople, selfPerson, type Holding, type Person } from './people';

const stream = (id: string) => ({ id }) as MediaStream;

function track(
  id: string,
  kind: 'audio' | 'video',
  metadata: object | null,
  more: Partial<RemoteTrack> = {},
): RemoteTrack {
  return {
    id,
    kind,
    metadata: metadata as RemoteTrack['metadata'],
    stream: stream(id),
    speaking: false,
    silent: false,
    ...more,
  };
}

function peer(id: string, more: Partial<RemotePeer> = {}): RemotePeer {
  const serverMetadata = { displayName: id.toUpperCase(), personId: `person-${id}` };
  return { id, metadata: null, serverMetadata, tracks: [], joinedOrder: id.charCodeAt(0), ...more };
}

const ids = (people: readonly Person[]) => people.map((person) => person.peerId);

describe('nameOf', () => {
  it.each<[Json, Json, string]>([
    [{ displayName: 'Ana' }, { displayName: 'Eve', name: 'Mallory' }, 'Ana'],
    [{}, { displayName: 'Eve', name: 'Mallory' }, 'Eve'],
    [null, { name: 'Mallory' }, 'Mallory'],
    [{ displayName: '  ' }, { displayName: 7, name: '' }, 'Guest'],
    [['x'], 'text', 'Guest'],
  ])('%j, %j → %s', (serverMetadata, metadata, name) => {
    expect(nameOf({ serverMetadata, metadata })).toBe(name);
  });
});

describe('remotePeople', () => {
  it('reads tracks by their metadata', () => {
    const [person] = remotePeople(
      [
        peer('a', {
          tracks: [
            track('m', 'audio', { type: 'microphone', paused: false }, { speaking: true }),
            track('c', 'video', { type: 'camera', paused: false }),
            track('s', 'video', { type: 'screenShareVideo', paused: false }),
            track('t', 'audio', { type: 'screenShareAudio', paused: false }),
          ],
        }),
      ],
      null,
    );
    expect(person).toMatchObject({ id: 'person-a', name: 'A', audio: true, video: true, speaking: true });
    expect(person?.stream?.id).toBe('c');
    expect(person?.shares.map((share) => share.trackId)).toEqual(['s']);
    expect(person?.sounds.map((sound) => sound.trackId)).toEqual(['m', 't']);
  });

  it.each([
    ['paused', { type: 'microphone', paused: true }, { type: 'camera', paused: true }],
    ['older, inactive', { type: 'audio', active: false }, { type: 'camera', active: false }],
  ])('%s tracks are off, and their sound stays attached', (_, microphone, camera) => {
    const tracks = [track('m', 'audio', microphone, { speaking: true }), track('c', 'video', camera)];
    expect(remotePeople([peer('a', { tracks })], null)).toMatchObject([
      { audio: false, video: false, speaking: false, stream: null, sounds: [{ trackId: 'm' }] },
    ]);
  });

  it('says who is not heard: whoever has a microphone that is on, and all of them bring nothing', () => {
    const microphone = { type: 'microphone', paused: false };
    const silentOf = (...tracks: RemoteTrack[]) => remotePeople([peer('a', { tracks })], null)[0]?.silent;
    const broken = track('m', 'audio', microphone, { silent: true });
    expect(silentOf(broken)).toBe(true);
    expect(silentOf(broken, track('n', 'audio', microphone))).toBe(false);
    expect(silentOf(track('m', 'audio', { ...microphone, paused: true }, { silent: true }))).toBe(false);
    expect(silentOf(track('c', 'video', { type: 'camera', paused: false }))).toBe(false);
  });

  it('takes tracks without known metadata for camera and microphone', () => {
    const tracks = [track('m', 'audio', null), track('c', 'video', { type: 'customVideo', paused: false })];
    expect(remotePeople([peer('a', { tracks })], null)).toMatchObject([{ audio: true, video: true }]);
  });

  it('shows announced video before media flows as on, without a stream', () => {
    const tracks = [track('c', 'video', { type: 'camera', paused: false }, { stream: null })];
    expect(remotePeople([peer('a', { tracks })], null)).toMatchObject([{ video: true, stream: null }]);
  });

  it('shows one tile per person, the newest connection, and none for oneself', () => {
    const same = { displayName: 'Ana', personId: 'person-a' };
    const peers = [peer('z', { serverMetadata: same }), peer('a'), peer('b'), peer('c')];
    expect(ids(remotePeople(peers, 'person-c'))).toEqual(['z', 'b']);
  });

  it('takes the connection for the person where the server says nothing', () => {
    expect(remotePeople([peer('x', { serverMetadata: null })], null)[0]?.id).toBe('x');
  });
});

describe('nextPeople', () => {
  const me = selfPerson({
    personId: 'me',
    peerId: 'p0',
    name: 'Me',
    audio: true,
    video: false,
    speaking: false,
    stream: null,
    unmirrored: false,
    weak: null,
    shares: [],
  });
  const show = (
    before: readonly Person[],
    order: Map<string, number>,
    peers: RemotePeer[],
    holding: Holding = 'nobody',
  ) => nextPeople(before, order, [me, ...remotePeople(peers, 'me')], holding);

  it('keeps places when somebody comes back as another peer', () => {
    const order = new Map<string, number>();
    const first = show([], order, [peer('a'), peer('b')]);
    const without = show(first, order, [peer('b')]);
    expect(ids(without)).toEqual(['p0', 'b']);
    const back = peer('z', { serverMetadata: { displayName: 'A', personId: 'person-a' } });
    expect(ids(show(without, order, [peer('b'), back, peer('c')]))).toEqual(['p0', 'z', 'b', 'c']);
  });

  it('holds the missing as away, and drops them afterwards', () => {
    const order = new Map<string, number>();
    const first = show([], order, [peer('a'), peer('b')]);
    const held = show(first, order, [peer('b')], 'everybody');
    expect(held.map((person) => [person.peerId, person.away])).toEqual([
      ['p0', false],
      ['a', true],
      ['b', false],
    ]);
    expect(held[1]).toMatchObject({ audio: first[1]?.audio, video: false, stream: null });
    expect(ids(show(held, order, [peer('b')], 'away'))).toEqual(['p0', 'a', 'b']);
    expect(ids(show(held, order, [], 'away'))).toEqual(['p0', 'a']);
    expect(ids(show(held, order, [peer('b')]))).toEqual(['p0', 'b']);
  });

  it('keeps the identity of what did not change', () => {
    const order = new Map<string, number>();
    const peers = [peer('a', { tracks: [track('m', 'audio', { type: 'microphone', paused: false })] }), peer('b')];
    const first = show([], order, peers);
    expect(show(first, order, [...peers])).toBe(first);
    const changed = show(first, order, [peer('a'), peers[1] ?? peer('b')]);
    expect(changed[1]).not.toBe(first[1]);
    expect(changed[2]).toBe(first[2]);
  });
});
