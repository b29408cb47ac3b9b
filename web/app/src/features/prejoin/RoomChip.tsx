import { Check, Link } from 'lucide-react';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { useStore } from '../../ui/store';
import { useCopy } from '../../ui/useCopy';

/** The room's name; a press copies its link. */
export function RoomChip({ session }: { readonly session: RoomSession }) {
  const { room } = session;
  const { copied, copy } = useCopy();
  const { url, inNetwork } = useStore(session.link);
  const onClick = async () => {
    if (!(await copy(url))) session.notices.add(t.room.copyFailed);
    else if (inNetwork) session.notices.add(t.room.copiedInNetwork);
  };
  const Icon = copied ? Check : Link;
  return (
    <button
      type="button"
      aria-label={copied ? t.room.copied : t.prejoin.copyRoomLink(room)}
      onClick={() => void onClick()}
      className="flex min-h-11 min-w-0 items-center gap-2 rounded-full border border-line bg-surface px-3 text-[13px] font-semibold hover:border-line-strong"
    >
      <Icon size={15} strokeWidth={1.9} aria-hidden className="shrink-0" />
      <bdi className="truncate">{room}</bdi>
    </button>
  );
}
