import { MonitorUp, MonitorX } from 'lucide-react';
import type { Screen } from '../../screen/screen';
import { t } from '../../strings';
import { RoundButton, type Shortcut } from '../../ui/RoundButton';
import { useStore } from '../../ui/store';

interface ShareButtonProps {
  readonly screen: Screen;
  readonly shortcut?: Shortcut | undefined;
}

/** Starts and stops sharing; absent where the browser cannot. */
export function ShareButton({ screen, shortcut }: ShareButtonProps) {
  const { supported, asking, capture } = useStore(screen);
  if (!supported) return null;
  return (
    <RoundButton
      icon={capture ? MonitorX : MonitorUp}
      label={capture ? t.room.stopSharing : t.room.share}
      look={capture ? 'active' : 'plain'}
      shortcut={shortcut}
      aria-busy={asking}
      onClick={() => screen.toggle()}
    />
  );
}
