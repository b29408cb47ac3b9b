import { useStore, type Store } from './store';

/** Reads out what changes, politely. */
export function LiveRegion({ text }: { readonly text: Store<string> }) {
  return (
    <p className="sr-only" role="status" aria-live="polite" data-testid="announcements">
      {useStore(text)}
    </p>
  );
}
