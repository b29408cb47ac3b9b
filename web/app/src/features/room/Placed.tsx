import type { HTMLAttributes } from 'react';
import type { Rect } from '../../layout/layout';
import { classes } from '../../ui/classes';

interface PlacedProps extends HTMLAttributes<HTMLDivElement> {
  /** Where in the stage; hidden without. */
  readonly rect: Rect | null;
}

/** A box of the stage. Its contents may size themselves by it (container units). */
export function Placed({ rect, className, ...rest }: PlacedProps) {
  const style = rect
    ? { transform: `translate(${rect.x}px, ${rect.y}px)`, width: rect.width, height: rect.height }
    : undefined;
  return (
    <div
      hidden={!rect}
      style={style}
      className={classes(
        '@container-size absolute top-0 left-0 overflow-hidden rounded-tile forced-colors:border',
        className,
      )}
      {...rest}
    />
  );
}
