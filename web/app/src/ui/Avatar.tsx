import { avatarColor, initials } from '../session/personName';
import { classes } from './classes';

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  /** Sized for a line of a list; else it grows with its container. */
  readonly small?: boolean;
}

/** Initials on a person's own colour. */
export function Avatar({ id, name, small = false }: AvatarProps) {
  return (
    <span
      aria-hidden
      style={{ backgroundColor: avatarColor(id) }}
      className={classes(
        'flex shrink-0 items-center justify-center rounded-full leading-none font-semibold text-avatar-ink',
        small ? 'size-9 text-[13px]' : 'size-[clamp(28px,34cqmin,112px)] text-[clamp(12px,14.5cqmin,46px)]',
      )}
    >
      {initials(name)}
    </span>
  );
}
