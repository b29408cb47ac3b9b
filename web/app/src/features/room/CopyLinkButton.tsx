import { Check, Copy } from 'lucide-react';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { classes } from '../../ui/classes';
import { useStore } from '../../ui/store';
import { useCopy } from '../../ui/useCopy';

interface CopyLinkButtonProps {
  readonly session: RoomSession;
  readonly look: 'primary' | 'small';
}

const LOOKS = {
  primary: 'h-11 w-full justify-center bg-accent text-[15px] text-accent-ink hover:bg-accent-hover',
  small: 'h-11 min-w-11 justify-center px-3 text-[13px] text-muted hover:text-text hover:bg-raised',
};

/** Copies the room's link; says so on itself. */
export function CopyLinkButton({ session, look }: CopyLinkButtonProps) {
  const { copied, copy } = useCopy();
  const { url, inNetwork } = useStore(session.link);
  const onClick = async () => {
    if (!(await copy(url))) session.notices.add(t.room.copyFailed);
    else if (inNetwork) session.notices.add(t.room.copiedInNetwork);
    else session.announcer.say(t.room.copied);
  };
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={t.room.copyLink}
      onClick={() => void onClick()}
      className={classes(
        'flex shrink-0 items-center gap-2 rounded-control font-semibold transition-colors duration-(--quick)',
        LOOKS[look],
      )}
    >
      <Icon size={look === 'primary' ? 18 : 16} strokeWidth={1.9} aria-hidden />
      <span className={classes(look === 'small' && 'low:hidden wide:max-lg:hidden')}>
        {copied ? t.room.copied : t.room.copyLink}
      </span>
    </button>
  );
}
