import type { ClientError } from '../errors';
import type { LocalTrack, MediaState, TrackMetadata } from '../types';
import type { Connected, RoomEvent } from '../wire/events';

/** Media that a receiving line carries now. */
export interface RemoteMedia {
  readonly kind: 'audio' | 'video';
  readonly stream: MediaStream;
}

/** Everything that changes the state. */
export type Action =
  | RoomEvent
  | Connected
  /** The session is over. */
  | { readonly type: 'connectionLost' }
  /** The session goes on without a socket. */
  | { readonly type: 'signallingLost' }
  | { readonly type: 'signallingBack' }
  | { readonly type: 'media'; readonly media: MediaState }
  /** The sounds that bring nothing although they should. */
  | { readonly type: 'silence'; readonly trackIds: ReadonlySet<string> }
  | { readonly type: 'closed'; readonly error: ClientError | null }
  /** What the lines carry after an answer, by track id. */
  | { readonly type: 'remoteMedia'; readonly media: ReadonlyMap<string, RemoteMedia> }
  | { readonly type: 'localTrackAdded'; readonly track: LocalTrack }
  | { readonly type: 'localTrackRemoved'; readonly id: string }
  | { readonly type: 'localTrackUpdated'; readonly id: string; readonly metadata: TrackMetadata }
  /** Which local tracks the server accepts, after an answer. */
  | { readonly type: 'localTracksPublished'; readonly ids: ReadonlySet<string> }
  | { readonly type: 'localVoiceActivity'; readonly speaking: boolean };
