import type { Json, RemotePeer, RemoteTrack } from '@videoroom/client';
import { t } from '../strings';
import { isPaused, trackRole } from './tracks';
import { weaknessOf, type Weakness } from './uplink';

/** Somebody in the room, as the page shows them. */
export interface Person {
  /** Stays the same over reloads and reconnections. */
  readonly id: string;
  readonly peerId: string;
  readonly name: string;
  readonly self: boolean;
  readonly audio: boolean;
  readonly video: boolean;
  readonly speaking: boolean;
  /** The picture; null while it is off or on its way. */
  readonly stream: MediaStream | null;
  readonly shares: readonly Share[];
  readonly sounds: readonly Sound[];
  /** Nothing of the microphone arrives although it is on. */
  readonly silent: boolean;
  /** What is wrong with their way to the server; null while nothing is. */
  readonly weak: Weakness | null;
  /** Connection lost, expected back; the tile keeps the place. */
  readonly away: boolean;
  /** Of this person only: the picture is shown as it is, not as in a mirror, because it is of the back camera. */
  readonly unmirrored?: boolean;
}

/** A screen that somebody shows. */
export interface Share {
  readonly trackId: string;
  readonly stream: MediaStream | null;
}

/** Something to be heard. */
export interface Sound {
  readonly trackId: string;
  readonly stream: MediaStream;
}

/** The person on this side. */
export interface Self {
  readonly personId: string | null;
  readonly peerId: string;
  readonly name: string;
  readonly audio: boolean;
  readonly video: boolean;
  readonly speaking: boolean;
  readonly stream: MediaStream | null;
  readonly unmirrored: boolean;
  readonly weak: Weakness | null;
  readonly shares: readonly Share[];
}

export function selfPerson({ personId, shares, weak, ...self }: Self): Person {
  const speaking = self.speaking && self.audio;
  return { ...self, id: personId ?? self.peerId, self: true, speaking, ...NOTHING, weak, shares };
}

const NOTHING = { shares: [], sounds: [], silent: false, weak: null, away: false } as const;

/**
 * Other people, oldest first. Of several connections of one person (an old one may linger for a moment after a crash)
 * the newest counts; those of this page's own person do not count at all.
 */
export function remotePeople(peers: readonly RemotePeer[], selfId: string | null): Person[] {
  const newest = new Map<string, RemotePeer>();
  for (const peer of [...peers].sort((a, b) => a.joinedOrder - b.joinedOrder)) newest.set(personIdOf(peer), peer);
  if (selfId !== null) newest.delete(selfId);
  return Array.from(newest, ([id, peer]) => remotePerson(id, peer));
}

function remotePerson(id: string, peer: RemotePeer): Person {
  const of = (role: string) => peer.tracks.filter((track) => trackRole(track) === role);
  const live = (tracks: readonly RemoteTrack[]) => tracks.filter((track) => !isPaused(track));
  const microphones = live(of('microphone'));
  const [camera] = live(of('camera'));
  return {
    id,
    peerId: peer.id,
    name: nameOf(peer),
    self: false,
    audio: microphones.length > 0,
    video: camera !== undefined,
    speaking: microphones.some((track) => track.speaking),
    stream: camera?.stream ?? null,
    shares: live(of('screenVideo')).map(({ id: trackId, stream }) => ({ trackId, stream })),
    // Also paused ones: an element that plays on needs no new permission when its owner speaks again.
    sounds: peer.tracks.flatMap(({ kind, id: trackId, stream }) =>
      kind === 'audio' && stream ? [{ trackId, stream }] : [],
    ),
    silent: microphones.length > 0 && microphones.every((track) => track.silent),
    weak: weaknessOf(peer.metadata),
    away: false,
  };
}

/** The first of: the server's word, the peer's own words, "Guest". */
export function nameOf(peer: Pick<RemotePeer, 'metadata' | 'serverMetadata'>): string {
  const names = [
    field(peer.serverMetadata, 'displayName'),
    field(peer.metadata, 'displayName'),
    field(peer.metadata, 'name'),
  ];
  return names.find((name) => name !== null) ?? t.room.guest;
}

/** Others' applications have no persons; there the connection is the person. */
function personIdOf(peer: Pick<RemotePeer, 'id' | 'serverMetadata'>): string {
  return field(peer.serverMetadata, 'personId') ?? peer.id;
}

/** A non-empty string in an object. */
export function field(value: Json, key: string): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const found = (value as Record<string, Json>)[key];
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : null;
}

/**
 * Whose places are kept although they are missing: everybody's while this page is reconnecting, for a while afterwards
 * those of people who have not come back since, and else nobody's.
 */
export type Holding = 'everybody' | 'away' | 'nobody';

/**
 * The people to show next. Everybody keeps the place they had; new ones come last. Missing people whose places are held
 * are shown as away: they are most likely reconnecting as well.
 */
export function nextPeople(
  before: readonly Person[],
  order: Map<string, number>,
  now: readonly Person[],
  holding: Holding,
): readonly Person[] {
  for (const person of now) if (!order.has(person.id)) order.set(person.id, order.size);
  const present = new Map(now.map((person) => [person.id, person]));
  const missing = before.filter((person) => !person.self && !present.has(person.id) && isHeld(person, holding));
  const all = [...now, ...missing.map(goneAway)].sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
  const known = new Map(before.map((person) => [person.id, person]));
  const next = all.map((person) => keepIdentity(known.get(person.id), person));
  return next.length === before.length && next.every((person, at) => person === before[at]) ? before : next;
}

function isHeld(person: Person, holding: Holding): boolean {
  return holding === 'everybody' || (holding === 'away' && person.away);
}

/** Muted or not stays known. Of the picture there is nothing to show. */
function goneAway(person: Person): Person {
  return { ...person, video: false, speaking: false, stream: null, ...NOTHING, away: true };
}

/** The old object when nothing changed, so that its tile need not be drawn again. */
function keepIdentity(before: Person | undefined, now: Person): Person {
  if (!before) return now;
  const shares = sameList(before.shares, now.shares) ? before.shares : now.shares;
  const sounds = sameList(before.sounds, now.sounds) ? before.sounds : now.sounds;
  const person = { ...now, shares, sounds };
  return (Object.keys(person) as (keyof Person)[]).every((key) => person[key] === before[key]) ? before : person;
}

function sameList(a: readonly (Share | Sound)[], b: readonly (Share | Sound)[]): boolean {
  return a.length === b.length && a.every((x, at) => x.trackId === b[at]?.trackId && x.stream === b[at].stream);
}
