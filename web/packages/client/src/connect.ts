import { RoomClient } from './client';
import { browserEdges, type Edges } from './edges';
import { ClientError } from './errors';
import type { Client, ConnectOptions } from './types';

/** Starts connecting at once; progress and failure are in the snapshot. Never throws. */
export function connect(options: ConnectOptions): Client {
  const edges: Edges = { ...browserEdges(), ...options.edges };
  const client = new RoomClient(options, edges);
  if (options.edges?.peerConnection === undefined && !('RTCPeerConnection' in globalThis)) {
    client.fail(new ClientError('unsupported_browser', 'this browser has no WebRTC'));
  } else {
    client.start();
  }
  return client;
}
