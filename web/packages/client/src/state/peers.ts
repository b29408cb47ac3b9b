import { same, updated } from './identity';
import { sameJson } from '../wire/json';
import type { AnnouncedTrack, Endpoint } from '../wire/events';
import type { Json, RemotePeer, RemoteTrack, TrackMetadata, TrackType } from '../types';
import type { RemoteMedia } from './actions';

const AUDIO_TYPES: ReadonlySet<TrackType> = new Set<TrackType>(['microphone', 'screenShareAudio', 'customAudio']);

/** A peer with the metadata that an endpoint was announced with. */
export function announce(peer: RemotePeer, { metadata, serverMetadata }: Endpoint): RemotePeer {
  return updated(peer, {
    metadata: keep(peer.metadata, metadata),
    serverMetadata: keep(peer.serverMetadata, serverMetadata),
  });
}

/** Adds tracks; one that is announced again keeps its media. */
export function addTracks(peer: RemotePeer, announced: readonly AnnouncedTrack[]): RemotePeer {
  const known = new Set(peer.tracks.map(({ id }) => id));
  const tracks = announced.filter(({ id }) => !known.has(id)).map(newTrack);
  const kept = announced.reduce((p, { id, metadata }) => setTrackMetadata(p, id, metadata), peer);
  return withTracks(kept, [...kept.tracks, ...tracks]);
}

export function removeTracks(peer: RemotePeer, ids: readonly string[]): RemotePeer {
  return withTracks(
    peer,
    peer.tracks.filter(({ id }) => !ids.includes(id)),
  );
}

export function setTrackMetadata(peer: RemotePeer, trackId: string, metadata: TrackMetadata | null): RemotePeer {
  return withTrack(peer, trackId, (track) => updated(track, { metadata: keep(track.metadata, metadata) }));
}

export function setSpeaking(peer: RemotePeer, trackId: string, speaking: boolean): RemotePeer {
  return withTrack(peer, trackId, (track) => updated(track, { speaking }));
}

/** The sounds that are missed now, and no others. */
export function setSilent(peer: RemotePeer, trackIds: ReadonlySet<string>): RemotePeer {
  return withTracks(
    peer,
    peer.tracks.map((track) => updated(track, { silent: trackIds.has(track.id) })),
  );
}

/** Tracks that `media` does not name keep what they have. */
export function setMedia(peer: RemotePeer, media: ReadonlyMap<string, RemoteMedia>): RemotePeer {
  return withTracks(
    peer,
    peer.tracks.map((track) => updated(track, media.get(track.id) ?? {})),
  );
}

/** The wire does not say a kind: until media does, the type does; what has none is taken for video. */
function newTrack({ id, metadata }: AnnouncedTrack): RemoteTrack {
  const kind = metadata !== null && AUDIO_TYPES.has(metadata.type) ? 'audio' : 'video';
  return { id, kind, metadata, stream: null, speaking: false, silent: false };
}

function withTrack(peer: RemotePeer, id: string, change: (track: RemoteTrack) => RemoteTrack): RemotePeer {
  return withTracks(
    peer,
    peer.tracks.map((track) => (track.id === id ? change(track) : track)),
  );
}

function withTracks(peer: RemotePeer, tracks: readonly RemoteTrack[]): RemotePeer {
  return updated(peer, { tracks: same(peer.tracks, tracks) });
}

/** `next`, or `before` when both are equal. */
export function keep<T extends Json>(before: T, next: T): T {
  return sameJson(before, next) ? before : next;
}
