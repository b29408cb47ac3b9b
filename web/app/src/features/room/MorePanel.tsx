import { EllipsisVertical, SwitchCamera } from 'lucide-react';
import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { Button } from '../../ui/Button';
import { RoundButton } from '../../ui/RoundButton';
import { useStore } from '../../ui/store';
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
  const { camera, lists } = useStore(devices);
  return (
    <Panel
      title={wide ? t.devices.options : t.room.more}
      button={<RoundButton icon={EllipsisVertical} label={t.room.more} />}
    >
      <DeviceStatusLine devices={devices} place="call" />
      <DeviceSelects devices={devices} stacked />
      {camera.track && lists.camera.length > 1 && (
        <Button className="sm:hidden" onClick={() => void devices.flipCamera()}>
          <SwitchCamera size={18} strokeWidth={1.9} aria-hidden />
          {t.devices.switchCamera}
        </Button>
      )}
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
