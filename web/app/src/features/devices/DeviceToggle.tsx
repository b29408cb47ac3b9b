import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import type { Devices } from '../../devices/devices';
import type { DeviceKind } from '../../devices/edges';
import { isOn } from '../../devices/state';
import { t } from '../../strings';
import { RoundButton, type Shortcut } from '../../ui/RoundButton';
import { useStore } from '../../ui/store';

interface DeviceToggleProps {
  readonly devices: Devices;
  readonly kind: DeviceKind;
  /** The look while it is on. */
  readonly look: 'plain' | 'overlay';
  readonly shortcut?: Shortcut | undefined;
}

const PARTS = {
  microphone: { on: Mic, off: MicOff, turnOn: t.devices.turnOnMicrophone, turnOff: t.devices.turnOffMicrophone },
  camera: { on: Video, off: VideoOff, turnOn: t.devices.turnOnCamera, turnOff: t.devices.turnOffCamera },
};

/** Turns microphone and camera on and off; carries a sign while the device is wanted and does not work. */
export function DeviceToggle({ devices, kind, look, shortcut }: DeviceToggleProps) {
  const state = useStore(devices)[kind];
  const parts = PARTS[kind];
  // While the browser asks, the wish is shown: a press takes it back.
  const on = isOn(state) || (state.wanted && state.asking);
  return (
    <RoundButton
      icon={on ? parts.on : parts.off}
      label={on ? parts.turnOff : parts.turnOn}
      look={on ? look : 'off'}
      trouble={state.problem ? t.deviceProblems[state.problem][kind] : null}
      shortcut={shortcut}
      aria-busy={state.asking}
      onClick={() => void devices.setOn(kind, !on)}
    />
  );
}
