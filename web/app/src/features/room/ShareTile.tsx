import { MonitorUp } from 'lucide-react';
import type { Person, Share } from '../../call/people';
import type { Rect } from '../../layout/layout';
import { t } from '../../strings';
import { VideoView } from '../../ui/VideoView';
import { Placed } from './Placed';
import { TileLabel } from './Tile';

interface ShareTileProps {
  readonly person: Person;
  readonly share: Share;
  readonly rect: Rect | null;
}

/** A screen that somebody shows: large and whole. */
export function ShareTile({ person, share, rect }: ShareTileProps) {
  const text = person.self ? t.room.youSharing : t.room.sharing(person.name);
  return (
    <Placed rect={rect} role="group" aria-label={text} data-share-of={person.id} className="bg-black">
      <VideoView stream={share.stream} fit="contain" label={text} />
      <TileLabel icon={<MonitorUp size={14} strokeWidth={2} aria-hidden className="shrink-0" />}>{text}</TileLabel>
    </Placed>
  );
}
