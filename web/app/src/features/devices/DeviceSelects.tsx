import type { Devices } from '../../devices/devices';
import type { DeviceKind } from '../../devices/edges';
import { activeId, isOn, type KindState } from '../../devices/state';
import { t } from '../../strings';
import { useStore } from '../../ui/store';
import { DeviceSelect } from './DeviceSelect';
import { Meter } from './Meter';

/** Microphone with its meter, camera, and speaker where the browser lets it be chosen: side by side where names have room. */
export function DeviceSelects({ devices }: { readonly devices: Devices }) {
  const state = useStore(devices);
  const { microphone, camera, lists, chosen, canChooseSpeaker } = state;
  return (
    <div className="@container">
      <div className="flex flex-col gap-2.5 @min-[480px]:flex-row @min-[480px]:*:flex-1 @min-[480px]:*:first:flex-[1.4]">
        <DeviceSelect
          kind="microphone"
          options={lists.microphone}
          empty={emptyText('microphone', microphone)}
          value={activeId(state, 'microphone')}
          onChange={(id) => void devices.choose('microphone', id)}
        >
          <Meter track={isOn(microphone) ? microphone.track : null} />
        </DeviceSelect>
        <DeviceSelect
          kind="camera"
          options={lists.camera}
          empty={emptyText('camera', camera)}
          value={activeId(state, 'camera')}
          onChange={(id) => void devices.choose('camera', id)}
        />
        {canChooseSpeaker && (
          <DeviceSelect
            kind="speaker"
            options={lists.speaker}
            empty={t.devices.systemDefault}
            value={chosen.speaker?.id ?? ''}
            onChange={(id) => devices.chooseSpeaker(id)}
          />
        )}
      </div>
    </div>
  );
}

/** Blocked devices are not listed, but that does not mean there are none. */
function emptyText(kind: DeviceKind, { problem }: KindState): string {
  return problem === 'missing' ? t.devices.none[kind] : t.devices[kind];
}
