//! `/socket/server/websocket`: back ends that subscribe to notifications.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket};
use protocol::close;
use protocol::proto::server_message::{Authenticated, Content, EventType, MetricsReport, SubscribeRequest, SubscribeResponse};
use protocol::proto::{Message as _, ServerMessage};
use tokio::time::{sleep_until, timeout};

use super::{AUTH_TIMEOUT, End, Incoming, Life, finish, receive, send};
use crate::app::App;
use crate::metrics::report;
use crate::notifications::{Subscription, TooSlow};

/// How often subscribers of metrics get a report.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// Serves a back end until its socket ends.
pub(crate) async fn serve(mut socket: WebSocket, app: Arc<App>) {
    let working = async {
        authenticate(&mut socket, &app).await?;
        let mut subscriber = Subscriber::new(&app);
        loop {
            subscriber.step(&mut socket).await?;
        }
    };
    let end = tokio::select! {
        result = working => match result {
            Ok(never) => never,
            Err(end) => end,
        },
        () = app.closing.cancelled() => End::Close(close::GOING_AWAY),
    };
    if end == End::Close(close::SLOW_READER) {
        tracing::warn!("a back end does not read its notifications and is disconnected");
    }
    finish(socket, end, &app.closing).await;
}

async fn authenticate(socket: &mut WebSocket, app: &App) -> Result<(), End> {
    let first = async {
        loop {
            match receive(socket).await? {
                Incoming::Binary(bytes) => return Ok(bytes),
                Incoming::Text => return Err(End::Close(close::OPERATION_NOT_ALLOWED)),
                Incoming::Life(_) => {}
            }
        }
    };
    let first = timeout(AUTH_TIMEOUT, first).await.unwrap_or(Err(End::Close(close::INVALID_AUTH_REQUEST)))?;
    match ServerMessage::decode(first).map(|message| message.content) {
        Ok(Some(Content::AuthRequest(request))) if app.is_api_token(&request.token) => {}
        Ok(Some(Content::AuthRequest(_))) => return Err(End::Close(close::INVALID_TOKEN)),
        Ok(_) => return Err(End::Close(close::INVALID_AUTH_REQUEST)),
        Err(_) => return Err(End::Close(close::OPERATION_NOT_ALLOWED)),
    }
    send(socket, frame(Content::Authenticated(Authenticated {}))).await
}

fn frame(content: Content) -> Message {
    Message::Binary(ServerMessage { content: Some(content) }.encode_to_vec().into())
}

/// An authenticated back end.
struct Subscriber<'a> {
    app: &'a App,
    notifications: Option<Subscription>,
    report_at: Option<Instant>,
    life: Life,
}

impl<'a> Subscriber<'a> {
    fn new(app: &'a App) -> Self {
        Self { app, notifications: None, report_at: None, life: Life::new() }
    }

    /// Does one thing, whatever comes first.
    async fn step(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        let notification = async {
            match &mut self.notifications {
                Some(subscription) => subscription.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            notification = notification => {
                let frame = notification.map_err(|TooSlow| End::Close(close::SLOW_READER))?;
                send(socket, Message::Binary(frame)).await
            }
            incoming = receive(socket) => self.take(socket, incoming?).await,
            () = sleep_until(self.report_at.unwrap_or_else(Instant::now).into()), if self.report_at.is_some() => self.report(socket).await,
            due = self.life.due() => self.life.keep(socket, due).await,
        }
    }

    async fn take(&mut self, socket: &mut WebSocket, incoming: Incoming) -> Result<(), End> {
        self.life.seen();
        let bytes = match incoming {
            Incoming::Binary(bytes) => bytes,
            Incoming::Text => return Err(End::Close(close::OPERATION_NOT_ALLOWED)),
            Incoming::Life(_) => return Ok(()),
        };
        match ServerMessage::decode(bytes).map(|message| message.content) {
            Ok(Some(Content::SubscribeRequest(request))) => self.subscribe(socket, request).await,
            _ => Err(End::Close(close::OPERATION_NOT_ALLOWED)),
        }
    }

    /// The subscription begins with the answer: nothing of it is sent before, and nothing after it is missed.
    async fn subscribe(&mut self, socket: &mut WebSocket, request: SubscribeRequest) -> Result<(), End> {
        let mut begins_behind = None;
        match request.event_type() {
            EventType::ServerNotification if self.notifications.is_none() => {
                let (subscription, position) = self.app.notifications.subscribe(request.after);
                self.notifications = Some(subscription);
                // Only for those that asked: others compare answers byte by byte.
                begins_behind = request.after.and(Some(position));
            }
            EventType::ServerNotification => {}
            EventType::Metrics => {
                self.report_at.get_or_insert_with(Instant::now);
            }
            EventType::Unspecified => return Err(End::Close(close::OPERATION_NOT_ALLOWED)),
        }
        let response = SubscribeResponse { event_type: request.event_type, after: begins_behind };
        send(socket, frame(Content::SubscribeResponse(response))).await
    }

    async fn report(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        self.report_at = Some(Instant::now() + REPORT_INTERVAL);
        let metrics = report(&self.app.workers.rooms().await);
        send(socket, frame(Content::MetricsReport(MetricsReport { metrics }))).await
    }
}
