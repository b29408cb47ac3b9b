import { MicOff, RefreshCw, VolumeX, WifiOff, type LucideIcon } from 'lucide-react';
import { memo, useState } from 'react';
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
  const [frozen, setFrozen] = useState(false);
  return <TileView person={person} rect={rect} frozen={frozen} onFrozen={person.self ? undefined : setFrozen} />;
});

interface TileViewProps extends TileProps {
  /** The picture should move and does not. */
  readonly frozen: boolean;
  readonly onFrozen?: ((frozen: boolean) => void) | undefined;
}

/** What is seen of one person. */
export function TileView({ person, rect, frozen, onFrozen }: TileViewProps) {
  const { self, audio, video, speaking, away } = person;
  const stopped = frozen && !away;
  const trouble = troubleOf(person, stopped);
  return (
    <Placed
      rect={rect}
      role="group"
      aria-label={describe(person, stopped)}
      data-peer-id={person.peerId}
      data-person-id={person.id}
      data-peer-name={person.name}
      data-self={self}
      data-audio={audio ? 'on' : 'off'}
      data-video={video ? 'on' : 'off'}
      data-speaking={speaking}
      className="bg-tile"
    >
      <div className={classes('absolute inset-0 flex items-center justify-center', away && 'opacity-50')}>
        <Avatar id={person.id} name={person.name} />
      </div>
      {video && rect && (
        <VideoView stream={person.stream} mirrored={self && person.unmirrored !== true} onFrozen={onFrozen} />
      )}
      {stopped && <div className="absolute inset-0 bg-overlay" />}
      {trouble && <Trouble {...trouble} />}
      <TileLabel icon={!audio && <MicOff {...ICON} />}>{self ? t.room.you : person.name}</TileLabel>
      <div
        className={classes(
          'pointer-events-none absolute inset-0 rounded-tile border-3 border-accent transition-opacity duration-(--quick)',
          speaking ? 'opacity-100' : 'opacity-0',
        )}
      />
    </Placed>
  );
}

interface TroubleProps {
  readonly icon: LucideIcon;
  readonly text: string;
}

/** The worst of what is wrong. */
function troubleOf({ away, silent }: Person, stopped: boolean): TroubleProps | null {
  if (away) return { icon: RefreshCw, text: t.room.away };
  if (stopped) return { icon: WifiOff, text: t.room.frozen };
  return silent ? { icon: VolumeX, text: t.room.silent } : null;
}

/** What is wrong with somebody's connection; in a small tile only its sign. */
function Trouble({ icon: Icon, text }: TroubleProps) {
  return (
    <div
      aria-hidden
      className="absolute top-[min(10px,4cqmin)] right-[min(10px,4cqmin)] flex max-w-[calc(100%-min(20px,8cqmin))] items-center gap-1.5 rounded-label bg-overlay px-[clamp(4px,5cqmin,10px)] py-[clamp(2px,2.5cqmin,4px)] text-[13px] leading-5 font-[550] text-overlay-text"
    >
      <Icon {...ICON} />
      <span className="truncate @max-[160px]:hidden">{text}</span>
    </div>
  );
}

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
      <bdi className="truncate">{children}</bdi>
    </div>
  );
}

/** Begins with the name; says what the signs on the tile show. */
function describe({ name, self, audio, video, silent, away }: Person, frozen: boolean): string {
  const states = [
    away && t.room.away,
    frozen && t.room.frozen,
    silent && t.room.silent,
    !audio && t.room.microphoneOff,
    !video && !away && t.room.cameraOff,
  ];
  return [self ? t.room.selfName(name) : name, ...states].filter(Boolean).join(', ');
}
