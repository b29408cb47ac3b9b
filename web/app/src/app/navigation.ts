import { useMemo, useSyncExternalStore } from 'react';
import { absolute, basePath } from './base';
import { parseRoute, type Route } from './route';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

/** The current route; renders again when it changes. */
export function useRoute(): Route {
  const href = useSyncExternalStore(subscribe, () => window.location.href);
  return useMemo(() => parseRoute(new URL(href), basePath()), [href]);
}

/** Goes to a path relative to the base, without loading a page. */
export function navigate(path: string): void {
  window.history.pushState(null, '', absolute(path));
  for (const listener of listeners) listener();
}
