/**
 * What goes while the room is quiet. Not under somebody's focus or open panel; and what cannot be seen cannot be pressed
 * by the touch that brings it back.
 */
export const FADES =
  'transition-opacity duration-(--calm) in-data-quiet:not-has-focus-visible:not-has-aria-expanded:opacity-0 in-data-quiet:not-has-focus-visible:not-has-aria-expanded:pointer-events-none';
