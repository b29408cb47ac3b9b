import { useEffect } from 'react';
import { readPreferences, writePreferences } from '../session/preferences';
import { Store, useStore } from '../ui/store';

export type Theme = 'light' | 'dark';

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

/** What the person chose; null follows the system. */
const choice = new Store<Theme | null>(readPreferences().theme ?? null);

const system = {
  get: (): Theme => (systemDark.matches ? 'dark' : 'light'),
  subscribe(listener: () => void) {
    systemDark.addEventListener('change', listener);
    return () => systemDark.removeEventListener('change', listener);
  },
};

/** The theme of the page outside the room, and how to change it for good. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const chosen = useStore(choice);
  const fromSystem = useStore(system);
  const set = (theme: Theme) => {
    choice.set(theme);
    writePreferences({ theme });
  };
  return [chosen ?? fromSystem, set];
}

/** Puts the theme onto `<html>`; the room is always dark. */
export function useAppliedTheme(inRoom: boolean): void {
  const [theme] = useTheme();
  const applied = inRoom ? 'dark' : theme;
  useEffect(() => {
    document.documentElement.dataset['theme'] = applied;
  }, [applied]);
}
