import * as Popover from '@radix-ui/react-popover';
import type { ReactElement, ReactNode } from 'react';

interface PanelProps {
  readonly title: string;
  /** The button that opens it. */
  readonly button: ReactElement;
  /** Before the focus returns to the button; may send it elsewhere. */
  readonly onCloseAutoFocus?: ((event: Event) => void) | undefined;
  readonly children: ReactNode;
}

/** A small card above the bar that a button opens; on phones it spans the screen. */
export function Panel({ title, button, onCloseAutoFocus, children }: PanelProps) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>{button}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          sideOffset={12}
          collisionPadding={12}
          aria-label={title}
          {...(onCloseAutoFocus ? { onCloseAutoFocus } : {})}
          className="z-20 flex max-h-[min(560px,var(--radix-popover-content-available-height))] w-[min(360px,calc(100vw-24px))] flex-col gap-2.5 overflow-y-auto rounded-tile border border-line bg-surface p-4 shadow-card"
        >
          <h2 className="text-[15px] font-[650]">{title}</h2>
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
