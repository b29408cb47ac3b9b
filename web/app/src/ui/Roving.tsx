import { useCallback, useEffect, useRef, type HTMLAttributes, type KeyboardEvent } from 'react';

interface RovingProps extends HTMLAttributes<HTMLDivElement> {
  readonly 'aria-label': string;
  /** Given the box; may return what to do when it goes. */
  readonly ref?: ((element: HTMLDivElement | null) => (() => void) | undefined) | undefined;
}

/**
 * Buttons of which one at a time is in the tab order; arrow keys, Home and End go from one to the next (WAI-ARIA
 * "roving tabindex"). The buttons need not know: what is a button inside belongs to it.
 */
export function Roving({ children, ref, ...rest }: RovingProps) {
  const box = useRef<HTMLDivElement>(null);
  /** The one that has the focus, or had it last. */
  const current = useRef<HTMLElement | null>(null);
  const setBox = useCallback(
    (element: HTMLDivElement | null) => {
      box.current = element;
      return ref?.(element);
    },
    [ref],
  );

  // After every drawing: buttons come and go.
  useEffect(() => {
    if (box.current) current.current = rove(box.current, current.current);
  });

  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const buttons = buttonsOf(event.currentTarget);
    // Panels hang on the bar in React, not in the document: their keys are their own.
    const at = buttons.findIndex((button) => button === event.target);
    const next = at < 0 ? undefined : buttons[nextIndex(event.key, at, buttons.length) ?? -1];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  return (
    // The keys are those of the buttons inside, which bubble up to here.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={setBox}
      onKeyDown={move}
      onFocus={(event) => {
        current.current = rove(event.currentTarget, event.target);
      }}
      {...rest}
    >
      {children}
    </div>
  );
}

function buttonsOf(bar: HTMLElement): HTMLElement[] {
  return Array.from(bar.querySelectorAll<HTMLElement>('button:not(:disabled)'));
}

/** Leaves one button in the tab order: the wanted one, or the first where that is none of them. */
function rove(bar: HTMLElement, wanted: HTMLElement | null): HTMLElement | null {
  const buttons = buttonsOf(bar);
  const chosen = buttons.find((button) => button === wanted) ?? buttons[0] ?? null;
  for (const button of buttons) button.tabIndex = button === chosen ? 0 : -1;
  return chosen;
}

/** Around the ends, as screen readers expect of a toolbar; null for keys that are not of it. */
function nextIndex(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
