/** Which of several shared screens is shown large. */
export interface Featured {
  /** All that are there, oldest first. */
  readonly known: readonly string[];
  /** The large one; null when there is none. */
  readonly shown: string | null;
}

export const NOTHING_FEATURED: Featured = { known: [], shown: null };

/**
 * Follows who shares: a new screen is shown at once, because somebody wants it to be seen; when the large one ends, the
 * newest of the others takes its place. The same object when nothing changed.
 */
export function follow(before: Featured, ids: readonly string[]): Featured {
  const added = ids.filter((id) => !before.known.includes(id));
  const stayed = before.known.filter((id) => ids.includes(id));
  if (added.length === 0 && stayed.length === before.known.length) return before;
  const known = [...stayed, ...added];
  const kept = added.length === 0 && before.shown !== null && known.includes(before.shown);
  return { known, shown: kept ? before.shown : (known.at(-1) ?? null) };
}

/** Shows another one large. */
export function feature(before: Featured, id: string): Featured {
  return before.known.includes(id) ? { ...before, shown: id } : before;
}
