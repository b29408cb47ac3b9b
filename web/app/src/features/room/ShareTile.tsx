import { MonitorUp } from 'lucide-react';
import type { Person, Share } from '../../call/people';
import type { Rect } from '../../layout/layout';
import { inSentence, t } from '../../strings';
import { VideoView } from '../../ui/VideoView';
import { Placed } from './Placed';
import { TileLabel } from './Tile';

interface ShareTileProps {
  readonly person: Person;
  readonly share: Share;
  /** Null while it is on another page. */
  readonly rect: Rect | null;
  /** Shows it large, for one that is small. */
  readonly onEnlarge?: (() => void) | undefined;
}

/** A screen that somebody shows, whole. The own one is small, and a mere sign where it would show itself. */
export function ShareTile({ person, share, rect, onEnlarge }: ShareTileProps) {
  const text = person.self ? t.room.youSharing : t.room.sharing(inSentence(person.name));
  return (
    <Placed
      rect={rect}
      role="group"
      aria-label={text}
      data-share-of={person.id}
      className={person.self ? 'bg-tile' : 'bg-letterbox'}
    >
      {person.self && share.stream === null && (
        <div className="absolute inset-0 flex items-center justify-center text-muted">
          <MonitorUp strokeWidth={1.5} aria-hidden className="size-[min(30cqmin,72px)]" />
        </div>
      )}
      {rect && share.stream && <VideoView stream={share.stream} fit="contain" label={text} />}
      <TileLabel icon={<MonitorUp size={14} strokeWidth={2} aria-hidden className="shrink-0" />}>{text}</TileLabel>
      {onEnlarge && (
        <button
          type="button"
          aria-label={t.room.showLarge(text)}
          onClick={onEnlarge}
          className="absolute inset-0 rounded-tile border-3 border-transparent -outline-offset-4 hover:border-line-strong"
        />
      )}
    </Placed>
  );
}
