import { LoaderCircle } from 'lucide-react';
import { useState } from 'react';
import type { Link } from '../../call/link';
import type { Person } from '../../call/people';
import type { RoomSession } from '../../call/roomSession';
import { t } from '../../strings';
import { canFillScreen, toggleFullScreen, useFullScreen, useQuiet } from '../../ui/fullScreen';
import { useFocusOnMount } from '../../ui/useFocusOnMount';
import { useMedia, WIDE } from '../../ui/useMedia';
import { AloneCard } from './AloneCard';
import { Bar } from './Bar';
import { NoMedia } from './NoMedia';
import { PeoplePanel } from './PeoplePanel';
import { ShortcutsDialog } from './ShortcutsDialog';
import type { ShortcutAction } from './shortcuts';
import { Sounds } from './Sounds';
import { Stage } from './Stage';
import { TopLine } from './TopLine';
import { useShortcuts, type ShortcutRuns } from './useShortcuts';
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
  const [peopleOpen, setPeopleOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const togglePeople = () => setPeopleOpen(!peopleOpen);
  const { devices, screen } = session;
  const showHelp = () => setHelpOpen(true);
  const runs: ShortcutRuns = {
    microphone: () => void devices.toggle('microphone'),
    camera: () => void devices.toggle('camera'),
    ...(screen.get().supported ? { share: () => screen.toggle() } : {}),
    // On phones the list is inside another panel.
    ...(wide ? { people: togglePeople } : {}),
    ...(canFillScreen() ? { fullScreen: toggleFullScreen } : {}),
    help: showHelp,
  };
  useShortcuts(devices, runs);
  useWakeLock();
  const fullScreen = useFullScreen();
  const quiet = useQuiet(fullScreen);
  return (
    <main
      ref={main}
      tabIndex={-1}
      aria-label={session.room}
      {...(quiet ? { 'data-quiet': true } : {})}
      className="flex h-dvh flex-col overflow-hidden bg-stage data-quiet:cursor-none pt-[max(4px,env(safe-area-inset-top))] pr-[max(10px,env(safe-area-inset-right))] pb-[max(16px,env(safe-area-inset-bottom))] pl-[max(10px,env(safe-area-inset-left))] text-text wide:pt-[max(16px,env(safe-area-inset-top))] wide:pr-[max(16px,env(safe-area-inset-right))] wide:pb-[max(18px,env(safe-area-inset-bottom))] low:pt-[max(10px,env(safe-area-inset-top))] low:pb-[max(10px,env(safe-area-inset-bottom))] wide:pl-[max(16px,env(safe-area-inset-left))]"
    >
      <h1 className="sr-only">{session.room}</h1>
      {!wide && <TopLine session={session} people={people} />}
      <div className="flex min-h-0 flex-1 gap-3">
        <div className="relative flex min-h-0 min-w-0 flex-1 flex-col gap-2.5 wide:gap-3 low:flex-row">
          {alone && <AloneCard session={session} />}
          {link === 'blocked' && <NoMedia call={session.call} othersAreIn={people.length > 1} />}
          <Stage people={people} gap={wide ? 12 : 10} />
          {link === 'lost' && <ReconnectBanner />}
        </div>
        {wide && peopleOpen && <PeoplePanel people={people} onClose={() => setPeopleOpen(false)} />}
      </div>
      <Bar
        session={session}
        people={people}
        since={since}
        wide={wide}
        peopleOpen={peopleOpen}
        onPeople={togglePeople}
        fullScreen={fullScreen}
        onHelp={showHelp}
      />
      <Sounds people={people} devices={devices} />
      {helpOpen && (
        <ShortcutsDialog actions={Object.keys(runs) as ShortcutAction[]} onClose={() => setHelpOpen(false)} />
      )}
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
