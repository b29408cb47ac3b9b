/** Who sits where: places change only when somebody speaks whom nobody could see. */
export interface Seats {
  /** Ids in the order in which they are shown. */
  readonly order: readonly string[];
  /** Who speaks now. */
  readonly speaking: readonly string[];
  /** Everybody who has spoken, the one silent longest first. */
  readonly spoke: readonly string[];
}

export const NO_SEATS: Seats = { order: [], speaking: [], spoke: [] };

export interface SeatsInput {
  /** Everybody, oldest first. */
  readonly ids: readonly string[];
  readonly speaking: readonly string[];
  /** How many are seen at once; what is beyond is on other pages. */
  readonly visible: number;
  /** Who is shown elsewhere, as the pinned one is: the seat is kept, and nobody sees it. */
  readonly elsewhere?: string | null;
}

/**
 * The next seats. Who came stays where they are, newcomers come last, and a speaker beyond the visible ones changes
 * places with the visible one who was silent longest. The same object when nothing changed.
 */
export function seat(before: Seats, { ids, speaking, visible, elsewhere = null }: SeatsInput): Seats {
  const all = [...before.order.filter((id) => ids.includes(id)), ...ids.filter((id) => !before.order.includes(id))];
  const spoke = recent(before.spoke, ids, speaking);
  const order = all.filter((id) => id !== elsewhere);
  for (const speaker of speaking) {
    const from = order.indexOf(speaker);
    if (from < visible) continue;
    const to = quietest(order.slice(0, visible), spoke, (id) => speaking.includes(id));
    // Everybody who is seen speaks as well.
    if (to === null) break;
    [order[from], order[to]] = [order[to] ?? speaker, speaker];
  }
  if (elsewhere !== null && all.includes(elsewhere)) order.splice(all.indexOf(elsewhere), 0, elsewhere);
  const next = { order, speaking, spoke };
  return isSame(before, next) ? before : next;
}

function recent(spoke: readonly string[], ids: readonly string[], speaking: readonly string[]): string[] {
  return [...spoke.filter((id) => ids.includes(id) && !speaking.includes(id)), ...speaking];
}

/** The seat of the one silent longest; of those who never spoke the last. Null when nobody may be moved. */
function quietest(seen: readonly string[], spoke: readonly string[], stays: (id: string) => boolean): number | null {
  let found: number | null = null;
  let silence = Infinity;
  for (const [at, id] of seen.entries()) {
    const spokeAt = spoke.indexOf(id);
    if (stays(id) || spokeAt > silence) continue;
    found = at;
    silence = spokeAt;
  }
  return found;
}

function isSame(before: Seats, now: Seats): boolean {
  return (['order', 'speaking', 'spoke'] as const).every(
    (key) => before[key].length === now[key].length && before[key].every((id, at) => id === now[key][at]),
  );
}
