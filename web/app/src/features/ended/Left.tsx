import { PhoneOff } from 'lucide-react';
import { navigate } from '../../app/navigation';
import { inSentence, t } from '../../strings';
import { Button } from '../../ui/Button';
import { Ended } from './Ended';

interface LeftProps {
  readonly room: string;
  readonly onJoinAgain: () => void;
}

/** After leaving. */
export function Left({ room, onJoinAgain }: LeftProps) {
  return (
    <Ended icon={PhoneOff} title={t.left.title} text={t.left.text(inSentence(room))}>
      <Button look="primary" onClick={onJoinAgain}>
        {t.actions.joinAgain}
      </Button>
      <Button onClick={() => navigate('')}>{t.actions.home}</Button>
    </Ended>
  );
}
