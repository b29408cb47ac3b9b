/** What is shown large: one of the shared screens, or whoever was pinned. */
export interface Featured {
  /** All screens that are there, oldest first. */
  readonly known: readonly string[];
  /** The screen that is large unless somebody is pinned; null when there is none. */
  readonly screen: string | null;
  /** The pinned person; null when nobody is. */
  readonly pinned: string | null;
}

export const NOTHING_FEATURED: Featured = { known: [], screen: null, pinned: null };

/**
 * Follows who is there and who shares: a new screen is shown at once, because somebody wants it to be seen; when the
 * large one ends, the newest of the others takes its place. The same object when nothing changed.
 */
export function follow(before: Featured, screens: readonly string[], people: readonly string[]): Featured {
  const added = screens.filter((id) => !before.known.includes(id));
  const stayed = before.known.filter((id) => screens.includes(id));
  const pinned = before.pinned !== null && people.includes(before.pinned) ? before.pinned : null;
  if (added.length === 0 && stayed.length === before.known.length) {
    return pinned === before.pinned ? before : { ...before, pinned };
  }
  const known = [...stayed, ...added];
  const kept = added.length === 0 && before.screen !== null && known.includes(before.screen);
  return { known, screen: kept ? before.screen : (known.at(-1) ?? null), pinned };
}

/** What is large now; null when all are equal. Somebody chose to see the pinned person, whatever else is shown. */
export function largest({ pinned, screen }: Featured): string | null {
  return pinned ?? screen;
}

/** Shows another screen large, in place of whoever is. */
export function feature(before: Featured, id: string): Featured {
  return before.known.includes(id) ? { ...before, screen: id, pinned: null } : before;
}

/** Shows a person large; the same once more ends it. */
export function pin(before: Featured, id: string): Featured {
  return { ...before, pinned: before.pinned === id ? null : id };
}
