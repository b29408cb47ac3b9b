import { LoaderCircle } from 'lucide-react';
import { t } from '../../strings';

/** On the way back into a room. */
export function Joining({ room }: { readonly room: string }) {
  return (
    <main aria-label={room} aria-busy className="flex h-dvh items-center justify-center gap-3 bg-background text-muted">
      <LoaderCircle size={20} strokeWidth={1.9} aria-hidden className="animate-spin" />
      <p role="status">{t.room.joining}</p>
    </main>
  );
}
