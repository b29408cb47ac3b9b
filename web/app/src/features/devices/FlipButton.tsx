import { SwitchCamera } from 'lucide-react';
import type { Devices } from '../../devices/devices';
import { t } from '../../strings';
import { useStore } from '../../ui/store';

/** Turns the camera around; there only while it is on and another one exists. */
export function FlipButton({ devices }: { readonly devices: Devices }) {
  const { camera, lists } = useStore(devices);
  if (!camera.track || lists.camera.length < 2) return null;
  return (
    <button
      type="button"
      aria-label={t.devices.switchCamera}
      onClick={() => void devices.flipCamera()}
      className="flex size-11 shrink-0 items-center justify-center rounded-control text-muted hover:bg-raised hover:text-text"
    >
      <SwitchCamera size={20} strokeWidth={1.9} aria-hidden />
    </button>
  );
}
