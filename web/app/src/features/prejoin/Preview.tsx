import { ShieldQuestionMark, SlidersHorizontal, SwitchCamera, VideoOff } from 'lucide-react';
import { useMemo } from 'react';
import type { Devices } from '../../devices/devices';
import { isMirrored } from '../../devices/facing';
import { isOn, type DevicesState } from '../../devices/state';
import { waiting } from '../../devices/status';
import { t } from '../../strings';
import { RoundButton } from '../../ui/RoundButton';
import { useStore } from '../../ui/store';
import { VideoView } from '../../ui/VideoView';
import { DeviceToggle } from '../devices/DeviceToggle';

interface PreviewProps {
  readonly devices: Devices;
  readonly optionsOpen: boolean;
  readonly onOptions: () => void;
}

/** The own picture as in a mirror, with the switches on it. */
export function Preview({ devices, optionsOpen, onOptions }: PreviewProps) {
  const state = useStore(devices);
  const { camera, lists } = state;
  const stream = useMemo(() => (camera.track ? new MediaStream([camera.track]) : null), [camera.track]);
  return (
    <div className="relative flex min-h-[220px] flex-1 items-center justify-center overflow-hidden rounded-tile bg-tile shadow-card wide:aspect-video wide:flex-none">
      {isOn(camera) ? (
        <VideoView
          stream={stream}
          mirrored={camera.track === null || isMirrored(camera.track)}
          label={t.prejoin.preview}
        />
      ) : (
        <NoPicture devices={state} />
      )}
      <div className="absolute inset-x-0 bottom-4 flex justify-center gap-3">
        <DeviceToggle devices={devices} kind="microphone" look="overlay" />
        <DeviceToggle devices={devices} kind="camera" look="overlay" />
        {lists.camera.length > 1 && (
          <RoundButton
            icon={SwitchCamera}
            label={t.devices.switchCamera}
            look="overlay"
            className="wide:hidden low:inline-flex"
            onClick={() => void devices.flipCamera()}
          />
        )}
        <RoundButton
          icon={SlidersHorizontal}
          label={t.devices.options}
          look="overlay"
          className="wide:hidden low:inline-flex"
          aria-expanded={optionsOpen}
          onClick={onOptions}
        />
      </div>
    </div>
  );
}

/** In the place of the picture: why the browser asks, or that there is none. */
function NoPicture({ devices }: { readonly devices: DevicesState }) {
  const { camera, prompting } = devices;
  if (prompting) {
    return (
      <div className="flex max-w-[400px] flex-col items-center gap-2 px-6 pb-14 text-center">
        <ShieldQuestionMark size={32} strokeWidth={1.6} aria-hidden className="text-accent low:hidden" />
        <p className="font-semibold">{waiting(devices)}</p>
        <p className="text-sm text-muted">{t.devices.allow}</p>
      </div>
    );
  }
  return (
    <p className="flex flex-col items-center gap-3 pb-14 text-sm text-muted">
      <VideoOff size={28} strokeWidth={1.6} aria-hidden />
      {camera.asking ? t.prejoin.cameraStarting : camera.problem ? t.prejoin.noPicture : t.prejoin.cameraOff}
    </p>
  );
}
