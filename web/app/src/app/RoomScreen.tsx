import { lazy, Suspense, useEffect, useState } from 'react';
import { betterAddresses } from '../api/links';
import { joinRoom } from '../api/rooms';
import { RoomSession } from '../call/roomSession';
import { browserMediaEdges } from '../devices/edges';
import type { Cure, Failure } from '../errors/failure';
import { Failed } from '../features/ended/Failed';
import { Left } from '../features/ended/Left';
import { browserScreenEdges } from '../screen/capture';
import { PreJoin } from '../features/prejoin/PreJoin';
import { Joining } from '../features/room/Joining';
import { claimIdentity } from '../session/claim';
import { readPreferences, writePreferences } from '../session/preferences';
import { Stays } from '../session/resume';
import { LiveRegion } from '../ui/LiveRegion';
import { NoticeList } from '../ui/NoticeList';
import { useStore } from '../ui/store';
import { navigate } from './navigation';
import type { RoomOptions } from './route';
import { Root } from './Root';

const loadRoom = () => import('../features/room/Room');
const loadClient = () => import('@videoroom/client');
const Room = lazy(() => loadRoom().then((module) => ({ default: module.Room })));

interface RoomScreenProps {
  readonly room: string;
  readonly options: RoomOptions;
}

/** Everything at the address of a room: pre-join, the call, and what comes after. */
export function RoomScreen({ room, options }: RoomScreenProps) {
  const [session] = useState(() => createSession(room, options));
  const state = useStore(session.call);
  usePageLife(session);

  const cure = (wish: Cure) => {
    if (wish === 'home') navigate('');
    else if (wish === 'prejoin') void session.prepare();
    else void session.rejoin();
  };

  return (
    <Root state={state.phase} errorCode={state.phase === 'failed' ? state.failure.code : null}>
      <LiveRegion text={session.announcer.words} />
      <NoticeList notices={session.notices} />
      <PhaseView session={session} onCure={cure} />
    </Root>
  );
}

function PhaseView({ session, onCure }: { readonly session: RoomSession; readonly onCure: (cure: Cure) => void }) {
  const state = useStore(session.call);
  // Whoever joins from pre-join stays there, with the button busy, until the room is there.
  const [prepared, setPrepared] = useState(state.phase === 'prejoin');
  if (state.phase === 'prejoin' && !prepared) setPrepared(true);
  if (state.phase !== 'prejoin' && state.phase !== 'joining' && prepared) setPrepared(false);
  switch (state.phase) {
    case 'prejoin':
      return <PreJoin session={session} joining={false} />;
    case 'joining':
      return prepared ? <PreJoin session={session} joining /> : <Joining room={session.room} />;
    case 'joined':
    case 'reconnecting':
      return (
        <Suspense fallback={<Joining room={session.room} />}>
          <Room
            session={session}
            people={state.people}
            since={state.since}
            link={state.phase === 'joined' ? 'good' : state.blocked ? 'blocked' : 'lost'}
          />
        </Suspense>
      );
    case 'left':
      return <Left room={session.room} onJoinAgain={() => onCure('rejoin')} />;
    case 'failed':
      return <Failed failure={state.failure} room={session.room} onCure={onCure} />;
  }
}

function createSession(room: string, options: RoomOptions): RoomSession {
  return new RoomSession({
    room,
    options,
    preferences: readPreferences(),
    remember: writePreferences,
    media: browserMediaEdges(),
    screen: browserScreenEdges(),
    call: { join: joinRoom, loadClient, claim: claimIdentity, stays: new Stays(), now: () => Date.now() },
    addresses: () => betterAddresses(),
  });
}

/** Starts with the screen, ends with the screen or the page. */
function usePageLife(session: RoomSession): void {
  useEffect(() => {
    void session.start();
    // The room's code is on its way while the person looks into the mirror.
    void Promise.allSettled([loadRoom(), loadClient()]);
    const onHide = () => session.call.close();
    // A page that comes back from the browser's cache has lost its call.
    const onShow = (event: PageTransitionEvent) => {
      if (event.persisted) window.location.reload();
    };
    window.addEventListener('pagehide', onHide);
    window.addEventListener('pageshow', onShow);
    return () => {
      window.removeEventListener('pagehide', onHide);
      window.removeEventListener('pageshow', onShow);
      session.stop();
    };
  }, [session]);
}

/** A room that cannot be: told before any device is asked for. */
export function ImpossibleRoom({ code, room }: { readonly code: string; readonly room: string | null }) {
  const [failure] = useState<Failure>(() => ({ code, message: code, status: null, at: Date.now() }));
  return (
    <Root state="failed" errorCode={code}>
      <Failed failure={failure} room={room} onCure={() => navigate('')} />
    </Root>
  );
}
