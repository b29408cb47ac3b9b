import { failureWords } from '../errors/failure';
import { listNames, t } from '../strings';
import type { Person } from './people';
import type { CallState } from './state';

/** More names are a number: nobody listens to a list. */
const MOST_NAMES = 3;

/** What a screen reader is told about a change; nothing for most. */
export function announcements(before: CallState, now: CallState): string[] {
  if (now.phase === 'left' && before.phase !== 'left') return [t.left.title];
  if (now.phase === 'failed' && before.phase !== 'failed') return [failureWords(now.failure).title];
  if (now.phase === 'reconnecting') return trouble(before, now);
  if (now.phase !== 'joined') return [];
  if (before.phase !== 'joined' && before.phase !== 'reconnecting') {
    return [t.announce.inRoom(now.people.length - 1)];
  }
  return [
    ...(before.phase === 'reconnecting' ? [t.announce.back] : []),
    ...comings(before.people, now.people),
    ...ownDevices(before.people, now.people),
    ...shares(before.people, now.people),
  ];
}

/** Whether it has to be said now; other things wait for a moment, so that many of them become one sentence. */
export function isUrgent(before: CallState, now: CallState): boolean {
  return before.phase !== now.phase || ownDevices(before.people, now.people).length > 0;
}

function trouble(before: CallState, now: CallState & { readonly phase: 'reconnecting' }): string[] {
  const wasBlocked = before.phase === 'reconnecting' && before.blocked;
  if (now.blocked) return wasBlocked ? [] : [t.noMedia.title];
  return [
    ...(before.phase === 'reconnecting' ? [] : [t.announce.reconnecting]),
    ...ownDevices(before.people, now.people),
  ];
}

function comings(before: readonly Person[], now: readonly Person[]): string[] {
  const names = (people: readonly Person[], others: readonly Person[]) =>
    people.filter((person) => !person.self && !others.some((other) => other.id === person.id)).map(({ name }) => name);
  const joined = names(now, before);
  const left = names(before, now);
  return [
    ...(joined.length > 0 ? [t.announce.joined(summary(joined))] : []),
    ...(left.length > 0 ? [t.announce.left(summary(left))] : []),
  ];
}

function summary(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return listNames(rest > 1 ? [...names.slice(0, MOST_NAMES), t.prejoin.others(rest)] : names);
}

function ownDevices(before: readonly Person[], now: readonly Person[]): string[] {
  const was = before.find((person) => person.self);
  const is = now.find((person) => person.self);
  if (!was || !is) return [];
  return [
    ...(was.audio === is.audio ? [] : [is.audio ? t.announce.microphoneOn : t.announce.microphoneOff]),
    ...(was.video === is.video ? [] : [is.video ? t.announce.cameraOn : t.announce.cameraOff]),
  ];
}

function shares(before: readonly Person[], now: readonly Person[]): string[] {
  const sharing = (people: readonly Person[], id: string) =>
    (people.find((person) => person.id === id)?.shares.length ?? 0) > 0;
  return now.flatMap(({ id, name, self, shares: { length } }) => {
    if (length > 0 && !sharing(before, id)) return [self ? t.announce.youShare : t.announce.shares(name)];
    if (length > 0 || !sharing(before, id)) return [];
    return [self ? t.announce.youStoppedSharing : t.announce.sharesEnded(name)];
  });
}
