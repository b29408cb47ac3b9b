import { ChevronLeft, ChevronRight } from 'lucide-react';
import { t } from '../../strings';

interface PagerProps {
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
}

const BUTTON = 'flex size-11 items-center justify-center rounded-control hover:bg-raised disabled:opacity-40';

/** Turns the pages of people. */
export function Pager({ page, pages, onPage }: PagerProps) {
  return (
    <div className="flex h-full items-center justify-center gap-1 rounded-control border border-line bg-surface text-[13px] font-semibold tabular-nums">
      <button
        type="button"
        aria-label={t.room.previousPage}
        disabled={page === 0}
        onClick={() => onPage(page - 1)}
        className={BUTTON}
      >
        <ChevronLeft size={18} strokeWidth={1.9} aria-hidden />
      </button>
      {t.room.page(page + 1, pages)}
      <button
        type="button"
        aria-label={t.room.nextPage}
        disabled={page === pages - 1}
        onClick={() => onPage(page + 1)}
        className={BUTTON}
      >
        <ChevronRight size={18} strokeWidth={1.9} aria-hidden />
      </button>
    </div>
  );
}
