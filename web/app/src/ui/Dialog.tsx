import { X } from 'lucide-react';
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { t } from '../strings';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A card before everything else. The browser's own dialog keeps the focus, closes with Escape and gives it back. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the element is taken away: closing gives the focus back, going away would not.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    // A press beside the card closes it; with the keyboard, Escape and the button do.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      className="m-auto w-[min(400px,calc(100vw-24px))] rounded-tile border border-line bg-surface text-text shadow-card backdrop:bg-overlay"
    >
      <div className="flex flex-col gap-3 p-4 pl-5">
        <div className="flex items-center justify-between gap-4">
          <h2 id={heading} className="text-[17px] font-[650]">
            {title}
          </h2>
          <button
            type="button"
            aria-label={t.actions.close}
            onClick={onClose}
            className="flex size-11 shrink-0 items-center justify-center rounded-label text-muted hover:bg-raised hover:text-text"
          >
            <X size={18} strokeWidth={1.9} aria-hidden />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
