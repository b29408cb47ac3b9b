import { useCallback, useState } from 'react';
import type { Person } from '../../call/people';
import { feature, follow, largest, NOTHING_FEATURED, pin } from '../../layout/featured';
import { arrange, faceWithin } from '../../layout/layout';
import { t } from '../../strings';
import { Roving } from '../../ui/Roving';
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

/** People and screens, filling the area: one screen of somebody else, or whoever is pinned, large; the others beside. */
export function Stage({ people, gap }: StageProps) {
  const { area, ref } = useArea();
  const [page, setPage] = useState(0);
  const [lastFeatured, setFeatured] = useState(NOTHING_FEATURED);
  const onPin = useCallback((id: string) => setFeatured((before) => pin(before, id)), []);
  const shares = people.flatMap((person) => person.shares.map((share) => ({ person, share })));
  const featured = follow(
    lastFeatured,
    shares.filter(({ person }) => !person.self).map(({ share }) => share.trackId),
    people.map(({ id }) => id),
  );
  if (featured !== lastFeatured) setFeatured(featured);

  const { pinned } = featured;
  const large = largest(featured);
  const all = people.length + shares.length;
  const stage = arrange({ people: large === null ? all : all - 1, large: large === null ? 0 : 1, area, gap, page });
  const [largePlace = null] = stage.large;
  const ordered = useSeats({
    people,
    pinned,
    firstPage: stage.firstPage - shares.filter(({ share }) => share.trackId !== large).length,
    page: stage.page,
    // Upright, as on a phone, the own picture comes last: others matter more where there is little room.
    selfLast: area.height > area.width,
  });
  // In the order in which they are read: whoever is pinned, then everybody, each followed by their screens.
  const tiles = [...people.filter(({ id }) => id === pinned), ...ordered];
  const keys = tiles.flatMap(({ id, shares: own }) => [id, ...own.map(({ trackId }) => trackId)]);
  const small = keys.filter((key) => key !== large);
  const rectOf = (key: string) => (key === large ? largePlace : (stage.people[small.indexOf(key)] ?? null));
  return (
    <Roving ref={ref} role="group" aria-label={t.room.stage} className="relative min-h-0 flex-1">
      {shares.map(({ person, share }) => {
        const { trackId } = share;
        return (
          <ShareTile
            key={trackId}
            person={person}
            share={share}
            rect={rectOf(trackId)}
            onEnlarge={trackId === large || person.self ? undefined : () => setFeatured(feature(featured, trackId))}
          />
        );
      })}
      {tiles.map((person) => (
        <Tile
          key={person.id}
          person={person}
          rect={person.id === pinned && largePlace ? faceWithin(largePlace) : rectOf(person.id)}
          pinned={person.id === pinned}
          onPin={person.self ? undefined : onPin}
        />
      ))}
      {stage.pager && (
        <Placed rect={stage.pager}>
          <Pager page={stage.page} pages={stage.pages} onPage={setPage} />
        </Placed>
      )}
    </Roving>
  );
}
