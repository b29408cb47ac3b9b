import { fromBinary } from '@bufbuild/protobuf';
import { PeerMessageSchema, server, type Candidate, type PeerMessage_Resumption } from '@videoroom/protocol';

import { parseEndpointMetadata, parseTrackMetadata } from './json';
import type { AnnouncedTrack, Connected, Endpoint, Resumption, ServerEvent, ServerMessage } from './events';

/**
 * Reads one web socket frame. Null for a message that this version does not know or does not need.
 *
 * @throws Error when the bytes are no message
 */
export function decode(frame: ArrayBuffer): ServerMessage | null {
  const { content } = fromBinary(PeerMessageSchema, new Uint8Array(frame));
  switch (content.case) {
    case 'authenticated':
      return { type: 'authenticated', resumption: resumption(content.value.resumption) };
    case 'serverMediaEvent':
      return { type: 'media', event: mediaEvent(content.value) };
    case 'pong':
      return { type: 'pong', received: Number(content.value.received) };
    case 'removed':
      return { type: 'removed', reason: content.value.reason };
    default:
      return null;
  }
}

function resumption(from: PeerMessage_Resumption | undefined): Resumption | null {
  if (from === undefined) return null;
  const { session, resumed, received, keptMs } = from;
  return { session, resumed, received: Number(received), keptMs };
}

function mediaEvent({ content }: server.MediaEvent): ServerEvent | null {
  switch (content.case) {
    case 'connected':
      return connected(content.value);
    case 'endpointAdded':
    case 'endpointUpdated':
      return { type: content.case, endpoint: endpoint(content.value.endpointId, content.value.metadataJson) };
    case 'endpointRemoved':
      return { type: 'endpointRemoved', endpointId: content.value.endpointId };
    case 'tracksAdded':
      return {
        type: 'tracksAdded',
        endpointId: content.value.endpointId,
        tracks: announcedTracks(content.value.trackIdToTrack),
      };
    case 'trackUpdated': {
      const { endpointId, trackId, metadataJson } = content.value;
      return { type: 'trackUpdated', endpointId, trackId, metadata: parseTrackMetadata(metadataJson) };
    }
    case 'tracksRemoved':
      return { type: 'tracksRemoved', endpointId: content.value.endpointId, trackIds: content.value.trackIds };
    case 'vadNotification': {
      const { trackId, status } = content.value;
      return {
        type: 'voiceActivity',
        trackId,
        speaking: status === server.MediaEvent_VadNotification_Status.SPEECH,
      };
    }
    case 'offerData': {
      const { audio = 0, video = 0 } = content.value.tracksTypes ?? {};
      return { type: 'offerData', counts: { audio, video } };
    }
    case 'sdpAnswer':
      return {
        type: 'sdpAnswer',
        sdp: content.value.sdp,
        midToTrackId: new Map(Object.entries(content.value.midToTrackId)),
      };
    case 'candidate':
      return { type: 'candidate', candidate: candidate(content.value) };
    case 'refused':
      return { type: 'refused', message: content.value.message, trackId: content.value.trackId };
    case 'error':
      return { type: 'error', message: content.value.message };
    default:
      return null;
  }
}

function connected(from: server.MediaEvent_Connected): Connected {
  return {
    type: 'connected',
    peerId: from.endpointId,
    endpoints: Object.entries(from.endpointIdToEndpoint).map(([id, { metadataJson, trackIdToTrack }]) => ({
      ...endpoint(id, metadataJson),
      tracks: announcedTracks(trackIdToTrack),
    })),
    // The constructor of a peer connection throws at a server without addresses.
    iceServers: from.iceServers
      .filter(({ urls }) => urls.length > 0)
      .map(({ urls, username, credential }) => ({ urls, username, credential })),
  };
}

function endpoint(id: string, metadataJson: string): Endpoint {
  return { id, ...parseEndpointMetadata(metadataJson) };
}

function announcedTracks(from: Readonly<Record<string, server.MediaEvent_Track>>): readonly AnnouncedTrack[] {
  return Object.entries(from).map(([id, { metadataJson }]) => ({ id, metadata: parseTrackMetadata(metadataJson) }));
}

/** Absent values travel as empty ones; a browser wants them absent. */
function candidate({ candidate, sdpMLineIndex, sdpMid, usernameFragment }: Candidate): RTCIceCandidateInit {
  return {
    candidate,
    sdpMLineIndex,
    sdpMid: sdpMid === '' ? null : sdpMid,
    usernameFragment: usernameFragment === '' ? null : usernameFragment,
  };
}
