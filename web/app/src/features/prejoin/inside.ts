import type { RoomInfo } from '../../api/rooms';
import { inSentence, listNames, t } from '../../strings';

const NAMED = 3;

/** Says who is in the room. */
export function insideText(info: RoomInfo | null): string {
  if (!info) return t.prejoin.insideUnknown;
  if (info.full) return t.prejoin.insideFull;
  const names = info.people.map((person) => inSentence(person.name || t.room.guest));
  if (names.length === 0) return t.prejoin.insideNobody;
  const rest = names.length - NAMED;
  const shown = rest > 1 ? [...names.slice(0, NAMED), t.prejoin.others(rest)] : names;
  return t.prejoin.inside(listNames(shown), names.length);
}
