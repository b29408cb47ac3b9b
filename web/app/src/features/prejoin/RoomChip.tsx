import { Check, Link } from 'lucide-react';
import { absolute } from '../../app/base';
import { roomPath } from '../../app/route';
import { t } from '../../strings';
import { useCopy } from '../../ui/useCopy';

/** The room's name; a press copies its link. */
export function RoomChip({ room }: { readonly room: string }) {
  const { copied, copy } = useCopy();
  const Icon = copied ? Check : Link;
  return (
    <button
      type="button"
      aria-label={copied ? t.room.copied : t.prejoin.copyRoomLink(room)}
      onClick={() => void copy(absolute(roomPath(room)))}
      className="flex min-h-11 min-w-0 items-center gap-2 rounded-full border border-line bg-surface px-3 text-[13px] font-semibold hover:border-line-strong"
    >
      <Icon size={15} strokeWidth={1.9} aria-hidden className="shrink-0" />
      <span className="truncate">{room}</span>
    </button>
  );
}
