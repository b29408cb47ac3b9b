import * as Popover from '@radix-ui/react-popover';
import { MonitorUp, MonitorX } from 'lucide-react';
import type { Screen } from '../../screen/screen';
import { t } from '../../strings';
import { Button } from '../../ui/Button';
import { useStore } from '../../ui/store';

interface ShareOptionsProps {
  readonly screen: Screen;
  /** Where the bar has no place for the button. */
  readonly withButton: boolean;
}

/** What there is to choose about the own screen, inside a panel. */
export function ShareOptions({ screen, withButton }: ShareOptionsProps) {
  const { supported, capture } = useStore(screen);
  if (!supported) return null;
  const Icon = capture ? MonitorX : MonitorUp;
  return (
    <>
      {withButton && (
        <Popover.Close asChild>
          <Button onClick={() => screen.toggle()}>
            <Icon size={18} strokeWidth={1.9} aria-hidden />
            {capture ? t.room.stopSharing : t.room.share}
          </Button>
        </Popover.Close>
      )}
      {capture && (
        <label className="flex min-h-11 items-center gap-3 text-sm">
          <input
            type="checkbox"
            className="size-5 accent-accent"
            checked={capture.hint === 'motion'}
            onChange={({ target }) => screen.setHint(target.checked ? 'motion' : 'text')}
          />
          {t.room.smoothMotion}
        </label>
      )}
    </>
  );
}
