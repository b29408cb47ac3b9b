import type { ButtonHTMLAttributes, Ref } from 'react';
import { classes } from './classes';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'primary' | 'secondary' | 'plain';
  readonly size?: 'normal' | 'large';
  readonly ref?: Ref<HTMLButtonElement>;
}

const LOOKS = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-hover disabled:opacity-60',
  secondary: 'bg-surface text-text border border-line hover:bg-raised hover:border-line-strong',
  plain: 'text-text hover:bg-accent-soft',
};

const SIZES = {
  normal: 'min-h-11 px-4.5 text-[15px]',
  large: 'min-h-13 px-5 text-[17px] w-full',
};

/** A button with a text. */
export function Button({ look = 'secondary', size = 'normal', className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={classes(
        'inline-flex items-center justify-center gap-2 rounded-control font-semibold transition-colors duration-(--quick)',
        LOOKS[look],
        SIZES[size],
        className,
      )}
      {...rest}
    />
  );
}
