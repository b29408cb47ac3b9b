import { MicOff, Pin, RefreshCw, VolumeX, WifiLow, WifiOff, type LucideIcon } from 'lucide-react';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import type { Person } from '../../call/people';
import type { Rect } from '../../layout/layout';
import { inSentence, t } from '../../strings';
import { Avatar } from '../../ui/Avatar';
import { classes } from '../../ui/classes';
import { VideoView } from '../../ui/VideoView';
import { Placed } from './Placed';

interface TileProps {
  readonly person: Person;
  /** Null while the person is on another page. */
  readonly rect: Rect | null;
  /** Whether it is large because somebody wanted that. */
  readonly pinned?: boolean;
  /** Makes it large, or small again. Absent where nobody can want that. */
  readonly onPin?: ((id: string) => void) | undefined;
}

/** One person. */
export const Tile = memo(function Tile(props: TileProps) {
  const [frozen, setFrozen] = useState(false);
  return <TileView {...props} frozen={frozen} onFrozen={props.person.self ? undefined : setFrozen} />;
});

interface TileViewProps extends TileProps {
  /** The picture should move and does not. */
  readonly frozen: boolean;
  readonly onFrozen?: ((frozen: boolean) => void) | undefined;
}

/** What is seen of one person. */
export function TileView({ person, rect, pinned = false, onPin, frozen, onFrozen }: TileViewProps) {
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
      {rect && onPin && <PinButton person={person} pinned={pinned} onPin={onPin} />}
    </Placed>
  );
}

interface PinButtonProps {
  readonly person: Person;
  readonly pinned: boolean;
  readonly onPin: (id: string) => void;
}

/** The whole tile is the button; its sign is seen while it may be pressed, and on the pinned one. */
function PinButton({ person, pinned, onPin }: PinButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const pressed = useRef(false);
  // The large tile comes first in the document, and browsers take the focus from what is moved there.
  useLayoutEffect(() => {
    if (pressed.current) button.current?.focus({ preventScroll: true });
    pressed.current = false;
  }, [pinned]);
  return (
    <button
      ref={button}
      type="button"
      aria-pressed={pinned}
      aria-label={t.room.pin(inSentence(person.name))}
      onClick={() => {
        pressed.current = true;
        onPin(person.id);
      }}
      className="group absolute inset-0 in-data-quiet:pointer-events-none rounded-tile -outline-offset-4"
    >
      <span
        aria-hidden
        className={classes(
          CHIP,
          'top-[min(10px,4cqmin)] left-[min(10px,4cqmin)] transition-opacity duration-(--quick)',
          !pinned && 'opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100',
        )}
      >
        <Pin {...ICON} />
        <span className="truncate @max-[240px]:hidden">{pinned ? t.room.pinned : t.room.pinThis}</span>
      </span>
    </button>
  );
}

/** A word or a sign in a corner of a tile. */
const CHIP =
  'absolute flex max-w-[calc(100%-min(20px,8cqmin))] items-center gap-1.5 rounded-label bg-overlay px-[clamp(4px,5cqmin,10px)] py-[clamp(2px,2.5cqmin,4px)] text-[13px] leading-5 font-[550] text-overlay-text';

interface TroubleProps {
  readonly icon: LucideIcon;
  readonly text: string;
}

/** The worst of what is wrong. */
function troubleOf({ away, silent, weak }: Person, stopped: boolean): TroubleProps | null {
  if (away) return { icon: RefreshCw, text: t.room.away };
  if (stopped) return { icon: WifiOff, text: t.room.frozen };
  if (silent) return { icon: VolumeX, text: t.room.silent };
  return weak && { icon: WifiLow, text: t.room.weak[weak] };
}

/** What is wrong with somebody's connection; in a small tile only its sign. */
function Trouble({ icon: Icon, text }: TroubleProps) {
  return (
    <div aria-hidden className={classes(CHIP, 'top-[min(10px,4cqmin)] right-[min(10px,4cqmin)]')}>
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
      data-testid="tile-name"
      className="absolute transition-opacity duration-(--calm) in-data-quiet:opacity-0 bottom-[min(10px,4cqmin)] left-[min(10px,4cqmin)] flex max-w-[calc(100%-min(20px,8cqmin))] items-center gap-1.5 rounded-label bg-overlay px-[clamp(6px,6cqmin,10px)] py-[clamp(1px,2.5cqmin,4px)] text-[clamp(11px,10cqmin,13px)] leading-5 font-[550] text-overlay-text"
    >
      {icon}
      <bdi className="truncate">{children}</bdi>
    </div>
  );
}

/** Begins with the name; says what the signs on the tile show. */
function describe({ name, self, audio, video, silent, weak, away }: Person, frozen: boolean): string {
  const states = [
    away && t.room.away,
    frozen && t.room.frozen,
    silent && t.room.silent,
    weak && t.room.weak[weak],
    !audio && t.room.microphoneOff,
    !video && !away && t.room.cameraOff,
  ];
  return [self ? t.room.selfName(name) : name, ...states].filter(Boolean).join(', ');
}
