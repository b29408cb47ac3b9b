import { PhoneOff } from 'lucide-react';
import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { RoundButton } from '../../ui/RoundButton';
import { classes } from '../../ui/classes';
import { FADES } from '../../ui/fades';
import { Toolbar } from '../../ui/Toolbar';
import { DeviceToggle } from '../devices/DeviceToggle';
import { FlipButton } from '../devices/FlipButton';
import { CopyLinkButton } from './CopyLinkButton';
import { MorePanel } from './MorePanel';
import { PeopleButton } from './PeoplePanel';
import { ShareButton } from './ShareButton';
import { useShortcutLabels } from './useShortcuts';
import { useElapsed } from './useElapsed';

interface BarProps {
  readonly session: RoomSession;
  readonly people: readonly Person[];
  readonly since: number;
  readonly wide: boolean;
  readonly peopleOpen: boolean;
  readonly onPeople: () => void;
  readonly fullScreen: boolean;
  readonly onHelp: () => void;
}

/** The one bar of the room. */
export function Bar({ session, people, since, wide, peopleOpen, onPeople, fullScreen, onHelp }: BarProps) {
  const { devices } = session;
  const shortcut = useShortcutLabels();
  return (
    <Toolbar
      aria-label={t.room.controls}
      className={classes(
        FADES,
        'grid shrink-0 grid-cols-1 items-center gap-3 pt-3 low:pt-2 wide:grid-cols-[1fr_auto_1fr]',
      )}
    >
      {wide && <RoomLine session={session} since={since} withCopy={people.length > 1} />}
      <div className="flex justify-center gap-2.5 sm:gap-3">
        <DeviceToggle devices={devices} kind="microphone" look="plain" shortcut={shortcut('microphone')} />
        <DeviceToggle devices={devices} kind="camera" look="plain" shortcut={shortcut('camera')} />
        {wide && <ShareButton screen={session.screen} shortcut={shortcut('share')} />}
        <MorePanel
          session={session}
          people={people}
          since={since}
          wide={wide}
          fullScreen={fullScreen}
          onHelp={onHelp}
        />
        <RoundButton icon={PhoneOff} label={t.room.leave} look="leave" onClick={() => session.leave()} />
      </div>
      {wide && (
        <div className="flex items-center justify-end gap-2">
          <span className="hidden low:contents">
            <FlipButton devices={devices} />
          </span>
          <PeopleButton people={people} open={peopleOpen} onToggle={onPeople} />
        </div>
      )}
    </Toolbar>
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
      <p className="flex min-w-0 flex-col text-sm lg:flex-row lg:gap-1">
        <bdi className="truncate font-[650]">{session.room}</bdi>
        <span className="shrink-0 text-muted tabular-nums low:hidden">
          <span className="hidden lg:inline">· </span>
          {elapsed}
        </span>
      </p>
      {withCopy && <CopyLinkButton session={session} look="small" />}
    </div>
  );
}
