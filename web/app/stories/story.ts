import type { ReactNode } from 'react';

/** A component in one state, drawn by hand to look at and by the browser suite to check. */
export interface Story {
  /** Called anew each time it is shown. A promise when the state has to be reached first. */
  readonly render: () => ReactNode | Promise<ReactNode>;
  /** `dark` for what lies in the room, which is dark in both themes. Default: as the system says. */
  readonly theme?: 'dark';
  /** Also on a very wide screen: for what fills the page. */
  readonly ultrawide?: boolean;
  /** What a person does before the picture is taken, such as opening a panel. */
  readonly act?: (root: HTMLElement) => void | Promise<void>;
}

/** The states of a component by name; the default export of `Component.stories.tsx` beside the component. */
export type Stories = Readonly<Record<string, Story>>;

/** Presses the button of that accessible name. */
export function press(name: string): (root: HTMLElement) => void {
  return (root) => {
    const buttons = Array.from(root.querySelectorAll('button'));
    const button = buttons.find((found) => (found.getAttribute('aria-label') ?? found.textContent) === name);
    if (!button) throw new Error(`there is no button "${name}"`);
    button.click();
  };
}
