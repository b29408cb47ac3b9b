import { useState } from 'react';
import type { Person } from '../../call/people';
import { feature, follow, NOTHING_FEATURED } from '../../layout/featured';
import { arrange } from '../../layout/layout';
import { t } from '../../strings';
import { useArea } from '../../ui/useArea';
import { Pager } from './Pager';
import { Placed } from './Placed';
import { ShareTile } from './ShareTile';
import { Tile } from './Tile';
import { useSeats } from './useSeats';

interface StageProps {
  readonly people: readonly Person[];
  /** Between tiles, CSS pixels. */
  readonly gap: number;
}

/** People and screens, filling the area: one screen of somebody else large, further ones beside their people. */
export function Stage({ people, gap }: StageProps) {
  const { area, ref } = useArea();
  const [page, setPage] = useState(0);
  const [lastFeatured, setFeatured] = useState(NOTHING_FEATURED);
  const shares = people.flatMap((person) => person.shares.map((share) => ({ person, share })));
  const featured = follow(
    lastFeatured,
    shares.filter(({ person }) => !person.self).map(({ share }) => share.trackId),
  );
  if (featured !== lastFeatured) setFeatured(featured);

  const large = featured.shown === null ? 0 : 1;
  const smallShares = shares.length - large;
  const stage = arrange({ people: people.length + smallShares, shares: large, area, gap, page });
  const ordered = useSeats({
    people,
    firstPage: stage.firstPage - smallShares,
    page: stage.page,
    // Upright, as on a phone, the own picture comes last: others matter more where there is little room.
    selfLast: area.height > area.width,
  });
  // Small tiles in order: everybody, each followed by the screens that are not the large one.
  const tiles = ordered.flatMap(({ id, shares: own }) => [
    id,
    ...own.map(({ trackId }) => trackId).filter((trackId) => trackId !== featured.shown),
  ]);
  const small = (key: string) => stage.people[tiles.indexOf(key)] ?? null;
  return (
    <div ref={ref} role="group" aria-label={t.room.stage} className="relative min-h-0 flex-1">
      {shares.map(({ person, share }) => {
        const { trackId } = share;
        const isLarge = trackId === featured.shown;
        return (
          <ShareTile
            key={trackId}
            person={person}
            share={share}
            rect={isLarge ? (stage.shares[0] ?? null) : small(trackId)}
            onEnlarge={isLarge || person.self ? undefined : () => setFeatured(feature(featured, trackId))}
          />
        );
      })}
      {ordered.map((person) => (
        <Tile key={person.id} person={person} rect={small(person.id)} />
      ))}
      {stage.pager && (
        <Placed rect={stage.pager}>
          <Pager page={stage.page} pages={stage.pages} onPage={setPage} />
        </Placed>
      )}
    </div>
  );
}
