import type { LucideIcon } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { Page } from '../../ui/Page';
import { useFocusOnMount } from '../../ui/useFocusOnMount';

interface EndedProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text: string;
  /** Buttons, the cure first. */
  readonly children: ReactNode;
  readonly below?: ReactNode;
}

/** The frame of screens after a call, good or bad: what happened, why, and the way on. */
export function Ended({ icon: Icon, title, text, children, below }: EndedProps) {
  const heading = useFocusOnMount<HTMLHeadingElement>();
  const explanation = useId();
  return (
    <Page>
      <div className="w-full max-w-[520px] wrap-anywhere">
        <div className="mb-4 flex size-13 items-center justify-center rounded-tile bg-accent-soft text-accent">
          <Icon size={24} strokeWidth={1.9} aria-hidden />
        </div>
        <h1
          ref={heading}
          tabIndex={-1}
          aria-describedby={explanation}
          className="text-[28px] leading-tight font-[650] tracking-[-0.02em] sm:text-[33px]"
        >
          {title}
        </h1>
        <p id={explanation} className="mt-2.5 text-base text-muted">
          {text}
        </p>
        <div className="mt-5 flex flex-wrap gap-2.5">{children}</div>
        {below}
      </div>
    </Page>
  );
}
