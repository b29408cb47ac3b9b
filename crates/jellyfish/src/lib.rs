//! The media server: HTTP and WebSocket API, room and peer life cycle, media workers, notifications.
