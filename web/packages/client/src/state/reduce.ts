import { same, updated } from './identity';
import { addTracks, announce, keep, removeTracks, setMedia, setSilent, setSpeaking, setTrackMetadata } from './peers';
import type { Action } from './actions';
import type { Connected, Endpoint } from '../wire/events';
import type { LocalTrack, RemotePeer, Snapshot, Status } from '../types';

/** The snapshot and what is needed to make the next one. */
export interface State {
  readonly snapshot: Snapshot;
  /** `joinedOrder` of the next peer that appears. */
  readonly nextJoinedOrder: number;
}

/** Before anything has happened. */
export const INITIAL: State = {
  snapshot: {
    status: 'connecting',
    media: 'none',
    error: null,
    peerId: null,
    serverMetadata: null,
    peers: [],
    localTracks: [],
    localSpeaking: false,
  },
  nextJoinedOrder: 0,
};

const NONE: ReadonlySet<string> = new Set();

/** Pure: the next state. What does not change keeps its identity, the state itself included. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'connected':
      return connected(state, action);
    case 'connectionLost':
      return connectionLost(state);
    case 'signallingLost':
      return withStatus(state, 'connected', 'reconnecting');
    case 'signallingBack':
      return withStatus(state, 'reconnecting', 'connected');
    case 'media':
      return withSnapshot(state, { media: action.media });
    case 'silence':
      return eachPeer(state, (peer) => setSilent(peer, action.trackIds));
    case 'closed':
      return withSnapshot(state, {
        ...INITIAL.snapshot,
        status: 'closed',
        error: action.error,
        peerId: state.snapshot.peerId,
      });
    case 'endpointAdded':
      return endpointAdded(state, action.endpoint);
    case 'endpointUpdated':
      return withPeer(state, action.endpoint.id, (peer) => announce(peer, action.endpoint));
    case 'endpointRemoved':
      return withPeers(
        state,
        state.snapshot.peers.filter(({ id }) => id !== action.endpointId),
      );
    case 'tracksAdded':
      return withPeer(state, action.endpointId, (peer) => addTracks(peer, action.tracks));
    case 'trackUpdated':
      return withPeer(state, action.endpointId, (peer) => setTrackMetadata(peer, action.trackId, action.metadata));
    case 'tracksRemoved':
      return withPeer(state, action.endpointId, (peer) => removeTracks(peer, action.trackIds));
    case 'voiceActivity':
      return eachPeer(state, (peer) => setSpeaking(peer, action.trackId, action.speaking));
    case 'remoteMedia':
      return eachPeer(state, (peer) => setMedia(peer, action.media));
    case 'localTrackAdded':
      return withLocalTracks(state, [...state.snapshot.localTracks, action.track]);
    case 'localTrackRemoved':
      return withLocalTracks(
        state,
        state.snapshot.localTracks.filter(({ id }) => id !== action.id),
      );
    case 'localTrackUpdated':
      return eachLocalTrack(state, (track) =>
        track.id === action.id ? updated(track, { metadata: action.metadata }) : track,
      );
    case 'localTracksPublished':
      return eachLocalTrack(state, (track) => updated(track, { published: action.ids.has(track.id) }));
    case 'localVoiceActivity':
      return withSnapshot(state, { localSpeaking: action.speaking });
  }
}

/**
 * The room as a new session finds it. Peers and tracks that were there before keep their order of appearance and,
 * until new media arrives, their streams.
 */
function connected(state: State, { peerId, endpoints }: Connected): State {
  const known = new Map(state.snapshot.peers.map((peer) => [peer.id, peer]));
  const own = endpoints.find(({ id }) => id === peerId);
  let next = state.nextJoinedOrder;
  const peers = endpoints
    .filter(({ id }) => id !== peerId)
    .map((endpoint) => {
      const peer = announce(known.get(endpoint.id) ?? newPeer(endpoint, next++), endpoint);
      const present = new Set(endpoint.tracks.map(({ id }) => id));
      const gone = peer.tracks.filter(({ id }) => !present.has(id)).map(({ id }) => id);
      return addTracks(removeTracks(peer, gone), endpoint.tracks);
    })
    .sort((a, b) => a.joinedOrder - b.joinedOrder);
  const joined = withSnapshot(updated(state, { nextJoinedOrder: next }), {
    status: 'connected',
    error: null,
    peerId,
    serverMetadata: keep(state.snapshot.serverMetadata ?? null, own?.serverMetadata ?? null),
  });
  return withPeers(joined, peers);
}

/** Peers and their last pictures stay: they are most likely back in a moment. */
function connectionLost(state: State): State {
  const { status, media } = state.snapshot;
  const next = withSnapshot(state, {
    status: status === 'connected' ? 'reconnecting' : status,
    media: media === 'flowing' ? 'interrupted' : media,
    localSpeaking: false,
  });
  const quiet = eachPeer(next, (peer) =>
    setSilent(
      peer.tracks.reduce((p, { id }) => setSpeaking(p, id, false), peer),
      NONE,
    ),
  );
  return eachLocalTrack(quiet, (track) => updated(track, { published: false }));
}

function withStatus(state: State, from: Status, to: Status): State {
  return state.snapshot.status === from ? withSnapshot(state, { status: to }) : state;
}

function endpointAdded(state: State, endpoint: Endpoint): State {
  const { peers, peerId } = state.snapshot;
  if (endpoint.id === peerId) return state;
  if (peers.some(({ id }) => id === endpoint.id)) {
    return withPeer(state, endpoint.id, (peer) => announce(peer, endpoint));
  }
  const peer = newPeer(endpoint, state.nextJoinedOrder);
  return withPeers({ ...state, nextJoinedOrder: state.nextJoinedOrder + 1 }, [...peers, peer]);
}

function newPeer({ id, metadata, serverMetadata }: Endpoint, joinedOrder: number): RemotePeer {
  return { id, metadata, serverMetadata, tracks: [], joinedOrder };
}

function withPeer(state: State, id: string, change: (peer: RemotePeer) => RemotePeer): State {
  return eachPeer(state, (peer) => (peer.id === id ? change(peer) : peer));
}

function eachPeer(state: State, change: (peer: RemotePeer) => RemotePeer): State {
  return withPeers(state, state.snapshot.peers.map(change));
}

function withPeers(state: State, peers: readonly RemotePeer[]): State {
  return withSnapshot(state, { peers: same(state.snapshot.peers, peers) });
}

function eachLocalTrack(state: State, change: (track: LocalTrack) => LocalTrack): State {
  return withLocalTracks(state, state.snapshot.localTracks.map(change));
}

function withLocalTracks(state: State, localTracks: readonly LocalTrack[]): State {
  return withSnapshot(state, { localTracks: same(state.snapshot.localTracks, localTracks) });
}

function withSnapshot(state: State, changes: Partial<Snapshot>): State {
  return updated(state, { snapshot: updated(state.snapshot, changes) });
}
