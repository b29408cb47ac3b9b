import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { useStore } from '../../ui/store';
import { CopyLinkButton } from './CopyLinkButton';

/** For whoever is the first one in the room: how others get in. */
export function AloneCard({ session }: { readonly session: RoomSession }) {
  const { url, inNetwork } = useStore(session.link);
  return (
    <section
      aria-label={t.room.aloneTitle}
      className="shrink-0 rounded-tile border border-line bg-surface p-4 wide:w-[340px] wide:self-center wide:p-5 wide:landscape:absolute wide:landscape:top-5 wide:landscape:left-5 wide:landscape:z-10 wide:landscape:shadow-card low:w-[300px] low:p-4 low:landscape:static low:landscape:shadow-none"
    >
      <h2 className="text-lg leading-6 font-[650]">{t.room.aloneTitle}</h2>
      <p className="mt-1 mb-3.5 text-sm text-muted">{inNetwork ? t.room.aloneLeadInNetwork : t.room.aloneLead}</p>
      <input
        readOnly
        aria-label={t.room.linkLabel}
        value={url.replace(/^https?:\/\//, '')}
        title={url}
        onFocus={(event) => event.target.select()}
        className="mb-2.5 h-11 w-full rounded-control border border-line bg-raised px-3.5 text-sm text-ellipsis pointer-coarse:text-base"
      />
      <CopyLinkButton session={session} look="primary" />
    </section>
  );
}
