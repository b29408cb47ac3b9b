import * as Popover from '@radix-ui/react-popover';
import { EllipsisVertical, Keyboard, Maximize, Minimize } from 'lucide-react';
import { useRef } from 'react';
import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { Button } from '../../ui/Button';
import { canFillScreen, toggleFullScreen } from '../../ui/fullScreen';
import { RoundButton } from '../../ui/RoundButton';
import { useMedia } from '../../ui/useMedia';
import { DeviceSelects } from '../devices/DeviceSelects';
import { DeviceStatusLine } from '../devices/DeviceStatusLine';
import { Panel } from './Panel';
import { PeopleFold } from './PeoplePanel';
import { ShareOptions } from './ShareOptions';
import { useShortcutLabels } from './useShortcuts';
import { useElapsed } from './useElapsed';

interface MorePanelProps {
  readonly session: RoomSession;
  readonly people: readonly Person[];
  readonly since: number;
  /** On phones the bar has no place for the people, the time and sharing. */
  readonly wide: boolean;
  readonly fullScreen: boolean;
  /** Shows the keys of the room. */
  readonly onHelp: () => void;
}

/** Where there is a keyboard, as far as a browser tells. */
const KEYBOARD = '(any-pointer: fine)';

/** The devices, and what has no place in the bar. */
export function MorePanel({ session, people, since, wide, fullScreen, onHelp }: MorePanelProps) {
  const { devices } = session;
  const shortcut = useShortcutLabels();
  const trigger = useRef<HTMLButtonElement>(null);
  const helpWanted = useRef(false);
  const keyboard = useMedia(KEYBOARD);
  // The list of keys comes once the panel is gone, so that closing it leads back to the button.
  const onCloseAutoFocus = (event: Event) => {
    if (!helpWanted.current) return;
    helpWanted.current = false;
    event.preventDefault();
    trigger.current?.focus();
    onHelp();
  };
  return (
    <Panel
      title={t.room.more}
      onCloseAutoFocus={onCloseAutoFocus}
      button={<RoundButton ref={trigger} icon={EllipsisVertical} label={t.room.more} />}
    >
      <DeviceStatusLine devices={devices} place="call" />
      <DeviceSelects devices={devices} />
      <ShareOptions screen={session.screen} withButton={!wide} />
      {!wide && <PeopleFold people={people} />}
      {!wide && <TimeLine since={since} />}
      {canFillScreen() && <FullScreenButton on={fullScreen} />}
      {keyboard && (
        <Popover.Close asChild>
          <Button
            look="plain"
            aria-haspopup="dialog"
            aria-keyshortcuts={shortcut('help')?.aria}
            onClick={() => (helpWanted.current = true)}
          >
            <Keyboard size={18} strokeWidth={1.9} aria-hidden />
            {t.shortcuts.title}
          </Button>
        </Popover.Close>
      )}
    </Panel>
  );
}

function FullScreenButton({ on }: { readonly on: boolean }) {
  const shortcut = useShortcutLabels();
  const Icon = on ? Minimize : Maximize;
  return (
    <Popover.Close asChild>
      <Button aria-keyshortcuts={shortcut('fullScreen')?.aria} onClick={toggleFullScreen}>
        <Icon size={18} strokeWidth={1.9} aria-hidden />
        {on ? t.room.endFullScreen : t.room.fullScreen}
      </Button>
    </Popover.Close>
  );
}

function TimeLine({ since }: { readonly since: number }) {
  return (
    <p className="flex justify-between text-sm text-muted">
      {t.room.time}
      <span className="tabular-nums">{useElapsed(since)}</span>
    </p>
  );
}
