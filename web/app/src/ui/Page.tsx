import { Video } from 'lucide-react';
import type { MouseEvent, ReactNode } from 'react';
import { absolute } from '../app/base';
import { navigate } from '../app/navigation';
import { t } from '../strings';

interface PageProps {
  /** Right end of the top line. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every screen outside the room: the product's name on top, one thing in the middle. */
export function Page({ aside, children }: PageProps) {
  return (
    <div className="safe-area flex min-h-dvh flex-col">
      <header className="flex min-h-17 shrink-0 items-center low:min-h-13 justify-between gap-4 px-4.5 sm:px-7">
        <Brand />
        {aside}
      </header>
      <main className="flex flex-1 flex-col items-center justify-center px-4.5 pt-2 pb-10 sm:px-7 sm:pb-20 low:pb-4">
        {children}
      </main>
    </div>
  );
}

function Brand() {
  const goHome = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate('');
  };
  return (
    <a
      href={absolute('')}
      onClick={goHome}
      className="flex min-h-11 items-center gap-2.5 rounded-label text-[17px] font-semibold"
    >
      <span className="flex size-7 items-center justify-center rounded-[8px] bg-accent text-accent-ink">
        <Video size={17} strokeWidth={1.9} aria-hidden />
      </span>
      {t.product}
    </a>
  );
}
