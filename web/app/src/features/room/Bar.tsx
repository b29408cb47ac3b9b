import { PhoneOff } from 'lucide-react';
import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { RoundButton } from '../../ui/RoundButton';
import { DeviceToggle } from '../devices/DeviceToggle';
import { CopyLinkButton } from './CopyLinkButton';
import { MorePanel } from './MorePanel';
import { PeoplePanel } from './PeoplePanel';
import { ShareButton } from './ShareButton';
import { useElapsed } from './useElapsed';

interface BarProps {
  readonly session: RoomSession;
  readonly people: readonly Person[];
  readonly since: number;
  readonly wide: boolean;
}

/** The one bar of the room. */
export function Bar({ session, people, since, wide }: BarProps) {
  const { devices } = session;
  return (
    <div
      role="toolbar"
      aria-label={t.room.controls}
      className="grid shrink-0 grid-cols-1 items-center gap-3 pt-3 md:grid-cols-[1fr_auto_1fr]"
    >
      {wide && <RoomLine session={session} since={since} withCopy={people.length > 1} />}
      <div className="flex justify-center gap-2.5 sm:gap-3">
        <DeviceToggle devices={devices} kind="microphone" look="plain" />
        <DeviceToggle devices={devices} kind="camera" look="plain" />
        {wide && <ShareButton screen={session.screen} />}
        <MorePanel session={session} people={people} since={since} wide={wide} />
        <RoundButton icon={PhoneOff} label={t.room.leave} look="leave" onClick={() => session.leave()} />
      </div>
      {wide && (
        <div className="flex justify-end gap-2">
          <PeoplePanel people={people} />
        </div>
      )}
    </div>
  );
}

interface RoomLineProps {
  readonly session: RoomSession;
  readonly since: number;
  readonly withCopy: boolean;
}

function RoomLine({ session, since, withCopy }: RoomLineProps) {
  const elapsed = useElapsed(since);
  return (
    <div className="flex min-w-0 items-center gap-1 pl-1">
      <p className="flex min-w-0 text-sm">
        <span className="truncate font-[650]">{session.room}</span>
        <span className="ml-1 shrink-0 text-muted tabular-nums">· {elapsed}</span>
      </p>
      {withCopy && <CopyLinkButton session={session} look="small" />}
    </div>
  );
}
