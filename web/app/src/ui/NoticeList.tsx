import { X } from 'lucide-react';
import { t } from '../strings';
import type { Notices } from './notices';
import { useStore } from './store';

/** Notices, newest last, at the top of the page; read out as they come. */
export function NoticeList({ notices }: { readonly notices: Notices }) {
  const list = useStore(notices);
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 top-[max(16px,env(safe-area-inset-top))] z-40 flex flex-col items-center gap-2 px-4"
    >
      {list.map((notice) => (
        <div
          key={notice.id}
          data-testid="notice"
          className="pointer-events-auto flex max-w-[520px] items-center gap-2 rounded-control border border-overlay-line bg-overlay-solid py-1 pr-1 pl-4 text-sm text-overlay-text shadow-card"
        >
          <span className="py-1.5">{notice.text}</span>
          {notice.action && (
            <button
              type="button"
              className="min-h-11 shrink-0 rounded-label px-3 font-semibold underline-offset-4 hover:underline"
              onClick={() => {
                notice.action?.run();
                notices.dismiss(notice.id);
              }}
            >
              {notice.action.label}
            </button>
          )}
          <button
            type="button"
            aria-label={t.room.dismiss}
            className="flex size-11 shrink-0 items-center justify-center rounded-label hover:bg-overlay-hover"
            onClick={() => notices.dismiss(notice.id)}
          >
            <X size={16} strokeWidth={1.9} aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}
