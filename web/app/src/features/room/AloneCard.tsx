import { absolute } from '../../app/base';
import { roomPath } from '../../app/route';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { CopyLinkButton } from './CopyLinkButton';

/** For whoever is the first one in the room: how others get in. */
export function AloneCard({ session }: { readonly session: RoomSession }) {
  const link = absolute(roomPath(session.room));
  return (
    <section
      aria-label={t.room.aloneTitle}
      className="absolute top-3 left-3 z-10 w-[min(340px,calc(100%-24px))] rounded-tile border border-line bg-surface p-5 shadow-card sm:top-5 sm:left-5"
    >
      <h2 className="text-lg leading-6 font-[650]">{t.room.aloneTitle}</h2>
      <p className="mt-1 mb-3.5 text-sm text-muted">{t.room.aloneLead}</p>
      <input
        readOnly
        aria-label={t.room.linkLabel}
        value={link.replace(/^https?:\/\//, '')}
        title={link}
        onFocus={(event) => event.target.select()}
        className="mb-2.5 h-11 w-full rounded-control border border-line bg-raised px-3.5 text-sm text-ellipsis"
      />
      <CopyLinkButton session={session} look="primary" />
    </section>
  );
}
