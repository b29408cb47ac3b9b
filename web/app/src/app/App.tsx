import * as Tooltip from '@radix-ui/react-tooltip';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Home } from '../features/home/Home';
import { roomNameFault } from '../session/roomName';
import { t } from '../strings';
import { useRoute } from './navigation';
import { Root } from './Root';
import { ImpossibleRoom, RoomScreen } from './RoomScreen';
import type { Route } from './route';

/** Chooses the screen for the address. */
export function App() {
  const [queries] = useState(() => new QueryClient());
  const route = useRoute();
  useEffect(() => {
    document.title = route.screen === 'room' && route.room ? `${route.room} · ${t.product}` : t.product;
  }, [route]);
  return (
    <QueryClientProvider client={queries}>
      <Tooltip.Provider delayDuration={400}>
        <Screen route={route} />
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}

function Screen({ route }: { readonly route: Route }) {
  switch (route.screen) {
    case 'home':
      return (
        <Root state="home">
          <Home />
        </Root>
      );
    case 'unknown':
      return <ImpossibleRoom key="unknown" code="not_found" room={null} />;
    case 'room':
      if (roomNameFault(route.room))
        return <ImpossibleRoom key={route.room} code="invalid_room_name" room={route.room} />;
      if (!('RTCPeerConnection' in window)) return <ImpossibleRoom code="unsupported_browser" room={route.room} />;
      // Another room is another session.
      return <RoomScreen key={route.room} room={route.room} options={route.options} />;
  }
}
