import { MonitorUp, MonitorX } from 'lucide-react';
import type { Screen } from '../../screen/screen';
import { t } from '../../strings';
import { RoundButton } from '../../ui/RoundButton';
import { useStore } from '../../ui/store';

/** Starts and stops sharing; absent where the browser cannot. */
export function ShareButton({ screen }: { readonly screen: Screen }) {
  const { supported, asking, capture } = useStore(screen);
  if (!supported) return null;
  return (
    <RoundButton
      icon={capture ? MonitorX : MonitorUp}
      label={capture ? t.room.stopSharing : t.room.share}
      look={capture ? 'active' : 'plain'}
      aria-busy={asking}
      onClick={() => (capture ? screen.stop() : void screen.start())}
    />
  );
}
