import type { HTMLAttributes } from 'react';
import { Roving } from './Roving';

interface ToolbarProps extends HTMLAttributes<HTMLDivElement> {
  readonly 'aria-label': string;
}

/** The buttons of a bar, one stop for the tab key (WAI-ARIA toolbar pattern). */
export function Toolbar(props: ToolbarProps) {
  return <Roving role="toolbar" {...props} />;
}
