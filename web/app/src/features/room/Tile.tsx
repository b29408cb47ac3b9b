import { MicOff, RefreshCw } from 'lucide-react';
import { memo } from 'react';
import type { Person } from '../../call/people';
import type { Rect } from '../../layout/layout';
import { t } from '../../strings';
import { Avatar } from '../../ui/Avatar';
import { classes } from '../../ui/classes';
import { VideoView } from '../../ui/VideoView';
import { Placed } from './Placed';

interface TileProps {
  readonly person: Person;
  /** Null while the person is on another page. */
  readonly rect: Rect | null;
}

/** One person. */
export const Tile = memo(function Tile({ person, rect }: TileProps) {
  const { self, audio, video, speaking, away } = person;
  return (
    <Placed
      rect={rect}
      role="group"
      aria-label={describe(person)}
      data-peer-id={person.peerId}
      data-person-id={person.id}
      data-peer-name={person.name}
      data-self={self}
      data-audio={audio ? 'on' : 'off'}
      data-video={video ? 'on' : 'off'}
      data-speaking={speaking}
      className={classes('bg-tile', away && 'opacity-60')}
    >
      <div className="absolute inset-0 flex items-center justify-center">
        <Avatar id={person.id} name={person.name} />
      </div>
      {video && rect && <VideoView stream={person.stream} mirrored={self && person.unmirrored !== true} />}
      <TileLabel icon={away ? <RefreshCw {...ICON} /> : !audio && <MicOff {...ICON} />}>
        {self ? t.room.you : person.name}
      </TileLabel>
      <div
        className={classes(
          'pointer-events-none absolute inset-0 rounded-tile border-3 border-accent transition-opacity duration-(--quick)',
          speaking ? 'opacity-100' : 'opacity-0',
        )}
      />
    </Placed>
  );
});

const ICON = { size: 14, strokeWidth: 2, 'aria-hidden': true, className: 'shrink-0' } as const;

interface TileLabelProps {
  readonly icon: React.ReactNode;
  readonly children: React.ReactNode;
}

/** The name on a tile. */
export function TileLabel({ icon, children }: TileLabelProps) {
  return (
    <div
      aria-hidden
      className="absolute bottom-[min(10px,4cqmin)] left-[min(10px,4cqmin)] flex max-w-[calc(100%-min(20px,8cqmin))] items-center gap-1.5 rounded-label bg-overlay px-[clamp(6px,6cqmin,10px)] py-[clamp(1px,2.5cqmin,4px)] text-[clamp(11px,10cqmin,13px)] leading-5 font-[550] text-overlay-text"
    >
      {icon}
      <span className="truncate">{children}</span>
    </div>
  );
}

/** Begins with the name; says what the signs on the tile show. */
function describe({ name, self, audio, video, away }: Person): string {
  const states = away ? [t.room.away] : [!audio && t.room.microphoneOff, !video && t.room.cameraOff];
  return [self ? t.room.selfName(name) : name, ...states].filter(Boolean).join(', ');
}
