import { LoaderCircle } from 'lucide-react';
import type { Link } from '../../call/link';
import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { useFocusOnMount } from '../../ui/useFocusOnMount';
import { useMedia, WIDE } from '../../ui/useMedia';
import { AloneCard } from './AloneCard';
import { Bar } from './Bar';
import { NoMedia } from './NoMedia';
import { Sounds } from './Sounds';
import { Stage } from './Stage';
import { TopLine } from './TopLine';
import { useWakeLock } from './useWakeLock';

interface RoomProps {
  readonly session: RoomSession;
  readonly people: readonly Person[];
  readonly since: number;
  readonly link: Link;
}

/** The call. */
export function Room({ session, people, since, link }: RoomProps) {
  const main = useFocusOnMount<HTMLElement>();
  const wide = useMedia(WIDE);
  const alone = people.length === 1 && link === 'good';
  useWakeLock();
  return (
    <main
      ref={main}
      tabIndex={-1}
      aria-label={session.room}
      className="flex h-dvh flex-col overflow-hidden bg-stage pt-[max(4px,env(safe-area-inset-top))] pr-[max(10px,env(safe-area-inset-right))] pb-[max(16px,env(safe-area-inset-bottom))] pl-[max(10px,env(safe-area-inset-left))] text-text md:pt-[max(16px,env(safe-area-inset-top))] md:pr-[max(16px,env(safe-area-inset-right))] md:pb-[max(18px,env(safe-area-inset-bottom))] md:pl-[max(16px,env(safe-area-inset-left))]"
    >
      <h1 className="sr-only">{session.room}</h1>
      {!wide && <TopLine session={session} people={people} />}
      <div className="relative flex min-h-0 flex-1 flex-col gap-2.5 md:gap-3 low:flex-row">
        {alone && <AloneCard session={session} />}
        {link === 'blocked' && <NoMedia call={session.call} othersAreIn={people.length > 1} />}
        <Stage people={people} gap={wide ? 12 : 10} />
        {link === 'lost' && <ReconnectBanner />}
      </div>
      <Bar session={session} people={people} since={since} wide={wide} />
      <Sounds people={people} devices={session.devices} />
    </main>
  );
}

function ReconnectBanner() {
  return (
    <div className="absolute inset-x-0 top-3 z-10 mx-auto flex w-fit max-w-[calc(100%-24px)] items-center gap-2.5 rounded-control border border-overlay-line bg-overlay-solid px-4 py-2.5 text-sm text-overlay-text shadow-card">
      <LoaderCircle size={17} strokeWidth={1.9} aria-hidden className="shrink-0 animate-spin" />
      {t.room.reconnecting}
    </div>
  );
}
