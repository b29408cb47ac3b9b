import { ClientError } from '@videoroom/client';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/rooms';
import { t } from '../strings';
import { describeFailure, failureWords, isPassing, toFailure } from './failure';

describe('failureWords', () => {
  it.each(Object.keys(t.failures))('%s has a title, a sentence and a cure', (code) => {
    const words = failureWords({ code });
    expect(words.title).not.toMatch(/[!]/);
    expect(words.text).toMatch(/\.$/);
    expect(words.actions.length).toBeGreaterThan(0);
    expect(`${words.title} ${words.text}`).not.toMatch(/\b(peer|track|ICE|SDP|WebRTC)\b|\//);
  });

  it.each([
    ['token_failed', 'connection_failed'],
    ['toString', 'internal'],
    ['new_code_of_a_newer_server', 'internal'],
  ])('%s reads like %s', (code, same) => {
    expect(failureWords({ code })).toEqual(failureWords({ code: same }));
  });

  it('offers the cure first', () => {
    expect(failureWords({ code: 'room_full' }).actions[0]?.cure).toBe('rejoin');
    expect(failureWords({ code: 'invalid_name' }).actions[0]?.cure).toBe('prejoin');
    expect(failureWords({ code: 'invalid_room_name' }).actions[0]?.cure).toBe('home');
  });
});

describe('toFailure', () => {
  it.each([
    [new ApiError('room_full', 409, 'full'), { code: 'room_full', message: 'full', status: 409, at: 5 }],
    [new ClientError('removed', 'Peer removed'), { code: 'removed', message: 'Peer removed', status: null, at: 5 }],
    [
      new ClientError('room_full', 'full', false, { cause: new ApiError('room_full', 409, 'x') }),
      { code: 'room_full', message: 'full', status: 409, at: 5 },
    ],
    [new TypeError('oops'), { code: 'internal', message: 'oops', status: null, at: 5 }],
    ['text', { code: 'internal', message: 'text', status: null, at: 5 }],
  ])('%s', (error, failure) => {
    expect(toFailure(error, 5)).toEqual(failure);
  });
});

it('a full room is not waited for', () => {
  expect(isPassing('room_full')).toBe(false);
  expect(isPassing('media_server_unavailable')).toBe(true);
});

it('details carry facts, one per line', () => {
  const failure = { code: 'room_full', message: 'full', status: 409, at: Date.UTC(2030, 0, 2) };
  expect(describeFailure(failure, 'daily', 'B/1')).toBe(
    'code: room_full\nreason: full\nstatus: 409\nroom: daily\ntime: 2030-01-02T00:00:00.000Z\nbrowser: B/1',
  );
});
