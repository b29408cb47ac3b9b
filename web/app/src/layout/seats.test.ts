import { describe, expect, it } from 'vitest';
import { NO_SEATS, seat, type Seats } from './seats';

const ids = ['ana', 'ben', 'cleo', 'dan', 'eve'];

/** The order after these people spoke one after the other. */
function after(speakers: readonly (readonly string[])[], visible = 3): readonly string[] {
  let seats: Seats = NO_SEATS;
  for (const speaking of [[], ...speakers]) seats = seat(seats, { ids, speaking, visible });
  return seats.order;
}

describe('seats', () => {
  it.each([
    ['nobody speaks', [], ids],
    ['somebody speaks who is seen', [['ana'], []], ids],
    ['somebody else speaks: the last who never spoke gives way', [['eve']], ['ana', 'ben', 'eve', 'dan', 'cleo']],
    ['who spoke longest ago gives way', [['ana'], ['ben'], ['cleo'], ['dan']], ['dan', 'ben', 'cleo', 'ana', 'eve']],
    ['two at once', [['dan', 'eve']], ['ana', 'eve', 'dan', 'cleo', 'ben']],
    ['nobody is sent away who speaks', [['ana', 'ben', 'cleo', 'dan']], ids],
    ['a pause changes nothing', [['dan'], [], ['dan'], []], ['ana', 'ben', 'dan', 'cleo', 'eve']],
  ])('%s', (_, speakers, order) => {
    expect(after(speakers)).toEqual(order);
  });

  it('moves nobody while everybody is seen', () => {
    expect(after([['eve'], ['dan']], 5)).toEqual(ids);
  });

  it('moves nobody where nobody else is seen', () => {
    expect(after([['eve']], 0)).toEqual(ids);
  });

  it('keeps the seat of the pinned one, who moves nobody and is moved by nobody', () => {
    const pinned = { ids, visible: 2, elsewhere: 'ben' };
    const before = seat(NO_SEATS, { ...pinned, speaking: ['ben'] });
    expect(before.order).toEqual(ids);
    // Ana and Cleo are seen: Cleo, the last of them, gives way.
    expect(seat(before, { ...pinned, speaking: ['eve'] }).order).toEqual(['ana', 'ben', 'eve', 'dan', 'cleo']);
  });

  it('closes the gap of somebody who left and puts newcomers last', () => {
    const before = seat(NO_SEATS, { ids, speaking: ['eve'], visible: 3 });
    const left = ids.filter((id) => id !== 'ana');
    const now = seat(before, { ids: [...left, 'fay'], speaking: [], visible: 3 });
    expect(now.order).toEqual(['ben', 'eve', 'dan', 'cleo', 'fay']);
  });

  it('is the same object when nothing changed', () => {
    const before = seat(NO_SEATS, { ids, speaking: ['ana'], visible: 3 });
    expect(seat(before, { ids: [...ids], speaking: ['ana'], visible: 3 })).toBe(before);
  });
});
