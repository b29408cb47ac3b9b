import {
  CircleHelp,
  DoorClosed,
  LogOut,
  Moon,
  PlugZap,
  RotateCw,
  TextCursorInput,
  Users,
  type LucideIcon,
} from 'lucide-react';
import { useId, useState } from 'react';
import { describeFailure, failureWords, type Cure, type Failure } from '../../errors/failure';
import { t } from '../../strings';
import { Button } from '../../ui/Button';
import { Details } from './Details';
import { Ended } from './Ended';

interface FailedProps {
  readonly failure: Failure;
  readonly room: string | null;
  readonly onCure: (cure: Cure) => void;
}

const ICONS = new Map<string, LucideIcon>([
  ['room_full', Users],
  ['invalid_name', TextCursorInput],
  ['invalid_room_name', TextCursorInput],
  ['not_found', CircleHelp],
  ['internal', CircleHelp],
  ['removed', LogOut],
  ['replaced', LogOut],
  ['room_closed', DoorClosed],
  ['away', Moon],
]);

/** What went wrong, in plain words, with the likeliest cure as the first button. */
export function Failed({ failure, room, onCure }: FailedProps) {
  const { title, text, actions, hasDetails } = failureWords(failure);
  const [open, setOpen] = useState(false);
  const details = useId();
  return (
    <Ended
      icon={ICONS.get(failure.code) ?? PlugZap}
      title={title}
      text={text}
      below={open && <Details id={details} text={describeFailure(failure, room, navigator.userAgent)} />}
    >
      {actions.map(({ cure, label }, at) => (
        <Button key={cure} look={at === 0 ? 'primary' : 'secondary'} onClick={() => onCure(cure)}>
          {cure === 'rejoin' && at === 0 && <RotateCw size={17} strokeWidth={1.9} aria-hidden />}
          {label}
        </Button>
      ))}
      {hasDetails && (
        <Button look="plain" aria-expanded={open} aria-controls={details} onClick={() => setOpen(!open)}>
          {open ? t.details.hide : t.details.show}
        </Button>
      )}
    </Ended>
  );
}
