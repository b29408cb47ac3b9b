import { fakePerson } from '../../../stories/fakes';
import type { Stories, Story } from '../../../stories/story';
import type { Person } from '../../call/people';
import { TileView } from './Tile';

const SIZES = [
  { width: 280, height: 158 },
  { width: 130, height: 96 },
  { width: 80, height: 60 },
];

interface Look {
  readonly frozen?: boolean;
  readonly pinned?: boolean;
}

/** One person as large, small and tiny tile. */
const story = (person: () => Person, { frozen = false, pinned = false }: Look = {}): Story => ({
  theme: 'dark',
  render: () => (
    <main className="flex flex-col gap-4 p-5">
      {SIZES.map(({ width, height }) => (
        <div key={width} className="relative" style={{ width, height }}>
          <TileView
            person={person()}
            rect={{ x: 0, y: 0, width, height }}
            frozen={frozen}
            pinned={pinned}
            {...(pinned ? { onPin: () => undefined } : {})}
          />
        </div>
      ))}
    </main>
  ),
});

export default {
  picture: story(() => fakePerson('Ben', 1)),
  self: story(() => fakePerson('Ana Kowalska', 0, { self: true, audio: false })),
  speaking: story(() => fakePerson('Ben', 1, { speaking: true })),
  muted: story(() => fakePerson('Chiara', 2, { audio: false })),
  cameraOff: story(() => fakePerson('Dmitri', null)),
  frozen: story(() => fakePerson('Emeka', 3), { frozen: true }),
  silent: story(() => fakePerson('Emeka', 3, { silent: true })),
  unsteady: story(() => fakePerson('Emeka', 3, { weak: 'unsteady' })),
  slow: story(() => fakePerson('Ana Kowalska', 0, { self: true, weak: 'slow' })),
  pinned: story(() => fakePerson('Ben', 1, { silent: true }), { pinned: true }),
  away: story(() => fakePerson('Emeka', null, { away: true, audio: false })),
} satisfies Stories;
