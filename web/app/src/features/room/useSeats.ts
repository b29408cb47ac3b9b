import { useMemo, useState } from 'react';
import type { Person } from '../../call/people';
import { NO_SEATS, seat } from '../../layout/seats';

interface SeatsOptions {
  readonly people: readonly Person[];
  /** Who is large and needs no place among the small ones. */
  readonly pinned: string | null;
  /** How many are on the first page. */
  readonly firstPage: number;
  /** Nobody changes places while people look at another page. */
  readonly page: number;
  /** Whether the own picture is the last of the first page instead of its first. */
  readonly selfLast: boolean;
}

/** Small people in the order of their places. Whoever speaks comes to the first page; the own picture never leaves it. */
export function useSeats({ people, pinned, firstPage, page, selfLast }: SeatsOptions): readonly Person[] {
  const [last, setLast] = useState(NO_SEATS);
  const others = people.filter(({ self }) => !self);
  const seats = seat(last, {
    ids: others.map(({ id }) => id),
    speaking: others.filter(({ speaking }) => speaking).map(({ id }) => id),
    visible: page === 0 ? Math.max(0, firstPage - 1) : others.length,
    elsewhere: pinned,
  });
  if (seats !== last) setLast(seats);
  const { order } = seats;
  return useMemo(() => {
    const of = new Map(people.map((person) => [person.id, person]));
    const seated = order.filter((id) => id !== pinned).flatMap((id) => of.get(id) ?? []);
    const at = selfLast ? Math.max(0, firstPage - 1) : 0;
    return [...seated.slice(0, at), ...people.filter(({ self }) => self), ...seated.slice(at)];
  }, [people, order, pinned, firstPage, selfLast]);
}
