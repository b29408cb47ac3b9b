import { describe, expect, it } from 'vitest';
import { announcements } from './announcements';
import type { Person } from './people';
import type { CallState } from './state';

const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  peerId: id,
  name: id,
  self: false,
  audio: true,
  video: true,
  speaking: false,
  stream: null,
  shares: [],
  sounds: [],
  silent: false,
  weak: null,
  away: false,
  ...more,
});
const me = person('Me', { self: true });
const room = (phase: 'joined' | 'reconnecting' | 'blocked', ...people: Person[]): CallState => ({
  ...(phase === 'joined' ? { phase } : { phase: 'reconnecting', blocked: phase === 'blocked' }),
  since: 0,
  people: [me, ...people],
});
const failed = (code: string): CallState => ({
  phase: 'failed',
  failure: { code, message: '', status: null, at: 0 },
  people: [],
});
const sharing = { shares: [{ trackId: 's', stream: null }] };
const sharingMyself: CallState = { ...room('joined'), people: [{ ...me, ...sharing }] };

describe('announcements', () => {
  it.each<[string, CallState, CallState, string[]]>([
    [
      'arriving',
      { phase: 'joining', people: [] },
      room('joined', person('Ana'), person('Ben')),
      ['You are in the room with 2 others'],
    ],
    [
      'arriving where one is',
      { phase: 'joining', people: [] },
      room('joined', person('Ana')),
      ['You are in the room with 1 other'],
    ],
    ['arriving alone', { phase: 'joining', people: [] }, room('joined'), ['You are in the room, alone']],
    ['two join', room('joined'), room('joined', person('Ana'), person('Ben')), ['Ana and Ben joined']],
    ['one leaves', room('joined', person('Ana')), room('joined'), ['Ana left']],
    ['connection lost', room('joined', person('Ana')), room('reconnecting'), ['Connection lost. Trying again']],
    ['nothing gets through', room('joined'), room('blocked'), ['Sound and picture do not get through']],
    ['still nothing', room('blocked'), room('blocked', person('Ana')), []],
    ['at last', room('blocked'), room('joined'), ['Connected again']],
    ['failing', room('joined', person('Ana')), failed('replaced'), ['You joined somewhere else']],
    ['still failed', failed('replaced'), failed('replaced'), []],
    ['back, and somebody new', room('reconnecting'), room('joined', person('Ana')), ['Connected again', 'Ana joined']],
    ['others mute themselves', room('joined', person('Ana')), room('joined', person('Ana', { audio: false })), []],
    [
      'a share starts',
      room('joined', person('Ana')),
      room('joined', person('Ana', sharing)),
      ['Ana shares the screen'],
    ],
    ['a share ends', room('joined', person('Ana', sharing)), room('joined', person('Ana')), ['Ana stopped sharing']],
    ['sharing oneself', room('joined'), sharingMyself, ['You are sharing your screen']],
    ['sharing no longer', sharingMyself, room('joined'), ['You stopped sharing']],
    ['leaving', room('joined', person('Ana')), { phase: 'left', people: [] }, ['You left the call']],
    ['still gone', { phase: 'left', people: [] }, { phase: 'left', people: [] }, []],
  ])('%s', (_, before, now, texts) => {
    expect(announcements(before, now)).toEqual(texts);
  });

  it('tells what happened to the own devices', () => {
    const muted: CallState = { ...room('joined'), people: [{ ...me, audio: false, video: false }] };
    expect(announcements(room('joined'), muted)).toEqual(['Microphone off', 'Camera off']);
    expect(announcements(muted, room('joined'))).toEqual(['Microphone on', 'Camera on']);
  });
});
