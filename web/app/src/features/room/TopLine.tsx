import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { classes } from '../../ui/classes';
import { FADES } from '../../ui/fades';
import { FlipButton } from '../devices/FlipButton';
import { CopyLinkButton } from './CopyLinkButton';

interface TopLineProps {
  readonly session: RoomSession;
  readonly people: readonly Person[];
}

/** On phones the bar has room for controls only; the rest is here. */
export function TopLine({ session, people }: TopLineProps) {
  return (
    <div className={classes(FADES, 'flex min-h-11 shrink-0 items-center justify-between gap-2 pl-1.5')}>
      <p dir="auto" className="truncate text-sm font-[650]">
        {session.room}
      </p>
      <div className="flex shrink-0 items-center">
        {people.length > 1 && <CopyLinkButton session={session} look="small" />}
        <FlipButton devices={session.devices} />
      </div>
    </div>
  );
}
