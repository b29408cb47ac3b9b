import * as Tooltip from '@radix-ui/react-tooltip';
import type { LucideIcon } from 'lucide-react';
import { useId, type ButtonHTMLAttributes, type Ref } from 'react';
import { classes } from './classes';

interface RoundButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  readonly icon: LucideIcon;
  /** What it does: its name for screen readers, and its tooltip. */
  readonly label: string;
  /** `off` is a device that is off; `active` is what runs or is open; `overlay` lies on a picture. */
  readonly look?: 'plain' | 'active' | 'off' | 'leave' | 'overlay';
  /** Shown beside the icon. */
  readonly text?: string;
  /** What keeps it from doing that, in a sentence: a sign on the button, read out and in the tooltip. */
  readonly trouble?: string | null;
  /** The key that does the same. */
  readonly shortcut?: Shortcut | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A key, as people read it and as `aria-keyshortcuts` names it. */
export interface Shortcut {
  readonly label: string;
  readonly aria: string;
}

const LOOKS = {
  plain: 'bg-raised text-text border-line hover:border-line-strong',
  active:
    'bg-accent-soft text-text border-accent hover:border-text forced-colors:border-2 forced-colors:border-[Highlight]',
  overlay: 'bg-overlay-solid text-overlay-text border-overlay-line hover:bg-overlay-hover',
  off: 'bg-danger text-danger-ink border-transparent hover:bg-danger-hover',
  leave: 'bg-danger text-danger-ink border-transparent hover:bg-danger-hover px-6',
};

/** A round control with an icon, a name and a tooltip. */
export function RoundButton({
  icon: Icon,
  label,
  look = 'plain',
  text,
  trouble = null,
  shortcut,
  className,
  ...rest
}: RoundButtonProps) {
  const troubleId = useId();
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          aria-label={label}
          aria-keyshortcuts={shortcut?.aria}
          // Absent rather than undefined: the tooltip sets it as well.
          {...(trouble === null ? {} : { 'aria-describedby': troubleId })}
          className={classes(
            'relative inline-flex h-(--control) min-w-(--control) items-center justify-center gap-2 rounded-full border text-[13px] font-semibold tabular-nums transition-colors duration-(--quick)',
            text !== undefined && 'px-4',
            LOOKS[look],
            className,
          )}
          {...rest}
        >
          <Icon size={20} strokeWidth={1.9} aria-hidden />
          {text !== undefined && <span aria-hidden>{text}</span>}
          {trouble !== null && <TroubleSign id={troubleId} text={trouble} />}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          sideOffset={8}
          className="z-30 max-w-[280px] rounded-label bg-overlay-solid px-2.5 py-1.5 text-[13px] font-medium text-overlay-text shadow-card"
        >
          {label}
          {shortcut && <kbd className="ml-2 font-sans opacity-70">{shortcut.label}</kbd>}
          {trouble !== null && <p className="mt-0.5 font-normal">{trouble}</p>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

function TroubleSign({ id, text }: { readonly id: string; readonly text: string }) {
  return (
    <>
      <span id={id} hidden>
        {text}
      </span>
      <span
        aria-hidden
        className="absolute -top-1 -right-1 flex size-5 items-center justify-center rounded-full bg-warning text-[13px] leading-none font-bold text-background ring-2 ring-background"
      >
        !
      </span>
    </>
  );
}
