import { EllipsisVertical } from 'lucide-react';
import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { RoundButton } from '../../ui/RoundButton';
import { DeviceSelects } from '../devices/DeviceSelects';
import { DeviceStatusLine } from '../devices/DeviceStatusLine';
import { Panel } from './Panel';
import { PeopleFold } from './PeoplePanel';
import { ShareOptions } from './ShareOptions';
import { useElapsed } from './useElapsed';

interface MorePanelProps {
  readonly session: RoomSession;
  readonly people: readonly Person[];
  readonly since: number;
  /** On phones the bar has no place for the people, the time and sharing. */
  readonly wide: boolean;
}

/** The devices, and what has no place in the bar. */
export function MorePanel({ session, people, since, wide }: MorePanelProps) {
  const { devices } = session;
  return (
    <Panel
      title={wide ? t.devices.options : t.room.more}
      button={<RoundButton icon={EllipsisVertical} label={t.room.more} />}
    >
      <DeviceStatusLine devices={devices} place="call" />
      <DeviceSelects devices={devices} stacked />
      <ShareOptions screen={session.screen} withButton={!wide} />
      {!wide && <PeopleFold people={people} />}
      {!wide && <TimeLine since={since} />}
    </Panel>
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
