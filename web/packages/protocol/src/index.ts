export * as peer from './gen/media_events_peer_pb';
export * as server from './gen/media_events_server_pb';
export * from './gen/media_events_shared_pb';
export * from './gen/peer_message_pb';
