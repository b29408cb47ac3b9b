//! The two sockets.

use axum::Router;
use axum::extract::State as AxumState;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::any;
use protocol::close::{self, Close};
use protocol::proto::server_message::{Authenticated, Content, SubscribeResponse};
use protocol::proto::{Message as _, PeerMessage, ServerMessage, peer_message};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::state::GoodBye;
use super::{Shared, TOKEN};

pub(super) fn router(shared: Shared, stop: CancellationToken) -> Router {
    let server = any(async |AxumState((shared, stop)): AxumState<(Shared, CancellationToken)>, upgrade: WebSocketUpgrade| -> Response {
        upgrade.on_upgrade(async move |socket| until(stop, serve_subscriber(socket, shared)).await)
    });
    Router::new().route("/socket/server/websocket", server).with_state((shared.clone(), stop.clone())).merge(peer_router(shared, stop))
}

pub(super) fn peer_router(shared: Shared, stop: CancellationToken) -> Router {
    let peer = any(async |AxumState((shared, stop)): AxumState<(Shared, CancellationToken)>, upgrade: WebSocketUpgrade| -> Response {
        upgrade.on_upgrade(async move |socket| until(stop, serve_peer(socket, shared)).await)
    });
    Router::new().route("/socket/peer/websocket", peer).with_state((shared, stop))
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => {}
    }
}

async fn serve_subscriber(mut socket: WebSocket, shared: Shared) {
    match read_server_message(&mut socket).await {
        Some(Content::AuthRequest(request)) if request.token == TOKEN => {}
        Some(Content::AuthRequest(_)) => return close_socket(&mut socket, close::INVALID_TOKEN).await,
        _ => return close_socket(&mut socket, close::INVALID_AUTH_REQUEST).await,
    }
    send(&mut socket, Content::Authenticated(Authenticated {})).await;
    let Some(Content::SubscribeRequest(request)) = read_server_message(&mut socket).await else {
        return close_socket(&mut socket, close::OPERATION_NOT_ALLOWED).await;
    };
    send(&mut socket, Content::SubscribeResponse(SubscribeResponse { event_type: request.event_type, after: None })).await;
    let (sender, mut events) = mpsc::unbounded_channel();
    let mut silent = {
        let mut state = shared.lock();
        state.subscribe(sender);
        state.faults.silent.subscribe()
    };
    loop {
        if silent.wait_for(|silent| !silent).await.is_err() {
            return;
        }
        tokio::select! {
            event = events.recv() => match event {
                Some(bytes) => drop(socket.send(Message::Binary(bytes.into())).await),
                None => return,
            },
            frame = socket.recv() => if !matches!(frame, Some(Ok(_))) { return },
            _ = silent.changed() => {}
        }
    }
}

async fn serve_peer(mut socket: WebSocket, shared: Shared) {
    let (sender, mut orders) = mpsc::unbounded_channel();
    let token = match socket.recv().await {
        Some(Ok(Message::Binary(bytes))) => match PeerMessage::decode(bytes).ok().and_then(|message| message.content) {
            Some(peer_message::Content::AuthRequest(request)) => request.token,
            _ => return close_socket(&mut socket, close::UNAUTHENTICATED).await,
        },
        _ => return,
    };
    let connected = shared.lock().connect_peer(&token, sender);
    let (room, peer) = match connected {
        Ok(ids) => ids,
        Err(why) => return close_socket(&mut socket, why).await,
    };
    let authenticated = peer_message::Content::Authenticated(peer_message::Authenticated::default());
    let bytes = PeerMessage { content: Some(authenticated) }.encode_to_vec();
    drop(socket.send(Message::Binary(bytes.into())).await);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(GoodBye { reason, close }) => {
                    if let Some(reason) = reason {
                        let removed = peer_message::Content::Removed(peer_message::Removed { reason });
                        let bytes = PeerMessage { content: Some(removed) }.encode_to_vec();
                        drop(socket.send(Message::Binary(bytes.into())).await);
                    }
                    return close_socket(&mut socket, close).await;
                }
                None => return,
            },
            frame = socket.recv() => if !matches!(frame, Some(Ok(Message::Binary(_) | Message::Text(_) | Message::Ping(_) | Message::Pong(_)))) {
                return shared.lock().disconnect_peer(&room, &peer);
            },
        }
    }
}

async fn read_server_message(socket: &mut WebSocket) -> Option<Content> {
    match socket.recv().await {
        Some(Ok(Message::Binary(bytes))) => ServerMessage::decode(bytes).ok()?.content,
        _ => None,
    }
}

async fn send(socket: &mut WebSocket, content: Content) {
    let bytes = ServerMessage { content: Some(content) }.encode_to_vec();
    // A client that is gone is noticed at the next read.
    drop(socket.send(Message::Binary(bytes.into())).await);
}

async fn close_socket(socket: &mut WebSocket, why: Close) {
    // A client that is gone needs no closing.
    drop(socket.send(Message::Close(Some(CloseFrame { code: why.code, reason: why.reason.into() }))).await);
}
