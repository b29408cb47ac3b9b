import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Announcer } from './announcer';
import { selfPerson, type Person } from './people';
import type { CallState } from './state';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const me = selfPerson({
  personId: 'me',
  peerId: 'me',
  name: 'Me',
  audio: true,
  video: true,
  speaking: false,
  unmirrored: false,
  weak: null,
  stream: null,
  shares: [],
});
const others = (count: number): Person[] =>
  Array.from({ length: count }, (_, at) => ({ ...me, id: `${at}`, peerId: `${at}`, name: `P${at}`, self: false }));

function inRoom() {
  let state: CallState = { phase: 'joined', since: 0, people: [me] };
  const announcer = new Announcer({ get: () => state });
  const said: string[] = [];
  announcer.words.subscribe(() => said.push(announcer.words.get()));
  const become = (next: CallState) => {
    state = next;
    announcer.update();
  };
  return {
    announcer,
    said,
    become,
    people: (people: readonly Person[]) => become({ phase: 'joined', since: 0, people }),
  };
}

it('makes one sentence of a class that arrives', () => {
  const { said, people } = inRoom();
  for (let count = 1; count <= 20; count += 1) people([me, ...others(count)]);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(said).toEqual(['P0, P1, P2 and 17 others joined']);
});

it('says nothing of somebody who looked in and went', () => {
  const { said, people } = inRoom();
  people([me, ...others(1)]);
  people([me]);
  vi.advanceTimersByTime(5_000);
  expect(said).toEqual([]);
});

it('says at once what the person did, and what was waiting with it', () => {
  const { said, people } = inRoom();
  people([me, ...others(1)]);
  people([{ ...me, audio: false }, ...others(1)]);
  expect(said).toEqual(['P0 joined. Microphone off']);
  vi.advanceTimersByTime(5_000);
  expect(said).toHaveLength(1);
});

it('says at once that the call failed, instead of its last words', () => {
  const { said, become } = inRoom();
  become({ phase: 'failed', failure: { code: 'removed', message: '', status: null, at: 0 }, people: [] });
  expect(said).toEqual(['You were removed from the call']);
});

it('leaves no words behind where there is nothing to say', () => {
  const { announcer, become } = inRoom();
  announcer.say('Link copied');
  become({ phase: 'prejoin', people: [] });
  expect(announcer.words.get()).toBe('');
});

it('says the same words again', () => {
  const { announcer, said } = inRoom();
  announcer.say('Link copied');
  announcer.say('Link copied');
  expect(said.map((words) => words.trim())).toEqual(['Link copied', 'Link copied']);
});
