import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { PeerMessageSchema, Variant, type peer } from '@videoroom/protocol';

import { metadataText } from './json';
import type { ClientEvent, ClientMessage, SdpOffer } from './events';

/**
 * What this package calls itself on the wire; servers tell dialects and generations apart by it. The same number as
 * in `package.json`.
 */
export const SDK_VERSION = 'web-0.30.0';

type Content = NonNullable<MessageInitShape<typeof PeerMessageSchema>['content']>;
type MediaContent = NonNullable<MessageInitShape<typeof peer.MediaEventSchema>['content']>;

/** The bytes of one web socket frame. */
export function encode(message: ClientMessage): Uint8Array<ArrayBuffer> {
  return toBinary(PeerMessageSchema, create(PeerMessageSchema, { content: content(message) }));
}

function content(message: ClientMessage): Content {
  switch (message.type) {
    case 'authRequest': {
      const { session, received } = message.resume;
      const resume = { session, received: BigInt(received) };
      return { case: 'authRequest', value: { token: message.token, sdkVersion: SDK_VERSION, resume } };
    }
    case 'ping':
      return { case: 'ping', value: { received: BigInt(message.received) } };
    case 'media':
      return { case: 'peerMediaEvent', value: { content: mediaContent(message.event) } };
  }
}

function mediaContent(event: ClientEvent): MediaContent {
  switch (event.type) {
    case 'connect':
      return { case: 'connect', value: { metadataJson: metadataText(event.metadata), groupedStreams: true } };
    case 'updateEndpointMetadata':
      return { case: 'updateEndpointMetadata', value: { metadataJson: metadataText(event.metadata) } };
    case 'updateTrackMetadata':
      return {
        case: 'updateTrackMetadata',
        value: { trackId: event.trackId, metadataJson: metadataText(event.metadata) },
      };
    case 'renegotiateTracks':
      return { case: 'renegotiateTracks', value: {} };
    case 'candidate':
      return { case: 'candidate', value: candidate(event.candidate) };
    case 'sdpOffer':
      return { case: 'sdpOffer', value: sdpOffer(event) };
    case 'unmuteTrack':
      return { case: 'unmuteTrack', value: { trackId: event.trackId } };
  }
}

function candidate(from: RTCIceCandidate) {
  return {
    candidate: from.candidate,
    sdpMLineIndex: from.sdpMLineIndex ?? 0,
    sdpMid: from.sdpMid ?? '',
    usernameFragment: from.usernameFragment ?? '',
  };
}

function sdpOffer({ sdp, tracks }: SdpOffer) {
  return {
    sdp,
    trackIdToMetadataJson: Object.fromEntries(tracks.map(({ id, metadata }) => [id, metadataText(metadata)])),
    trackIdToBitrates: Object.fromEntries(
      tracks.map(({ id, maxBitrate }) => [id, { trackId: id, variantBitrates: bitrates(maxBitrate) }]),
    ),
    midToTrackId: Object.fromEntries(tracks.map(({ id, mid }) => [mid, id])),
  };
}

/** A track with a single encoding names its bit rate under the unspecified variant. */
function bitrates(maxBitrate: number | undefined) {
  return maxBitrate === undefined ? [] : [{ variant: Variant.UNSPECIFIED, bitrate: Math.round(maxBitrate) }];
}
