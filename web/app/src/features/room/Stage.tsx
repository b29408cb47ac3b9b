import { useMemo, useState } from 'react';
import type { Person } from '../../call/people';
import { arrange } from '../../layout/layout';
import { t } from '../../strings';
import { useArea } from '../../ui/useArea';
import { Pager } from './Pager';
import { Placed } from './Placed';
import { ShareTile } from './ShareTile';
import { Tile } from './Tile';

interface StageProps {
  readonly people: readonly Person[];
  /** Between tiles, CSS pixels. */
  readonly gap: number;
}

/** People and screens, filling the area. */
export function Stage({ people, gap }: StageProps) {
  const { area, ref } = useArea();
  const [page, setPage] = useState(0);
  // Upright, as on a phone, the own picture comes last: others matter more where there is little room.
  const selfLast = area.height > area.width;
  const ordered = useMemo(
    () => (selfLast ? [...people.filter((person) => !person.self), ...people.filter((person) => person.self)] : people),
    [people, selfLast],
  );
  const shares = ordered.flatMap((person) => person.shares.map((share) => ({ person, share })));
  const stage = arrange({ people: ordered.length, shares: shares.length, area, gap, page });
  return (
    <div ref={ref} role="group" aria-label={t.room.stage} className="relative min-h-0 flex-1">
      {shares.map(({ person, share }, at) => (
        <ShareTile key={share.trackId} person={person} share={share} rect={stage.shares[at] ?? null} />
      ))}
      {ordered.map((person, at) => (
        <Tile key={person.id} person={person} rect={stage.people[at] ?? null} />
      ))}
      {stage.pager && (
        <Placed rect={stage.pager}>
          <Pager page={stage.page} pages={stage.pages} onPage={setPage} />
        </Placed>
      )}
    </div>
  );
}
