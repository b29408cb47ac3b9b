//! The public port's HTTP.

mod below;
mod body;
mod error;
mod health;
mod join;
mod joins;
mod legacy;
mod links;
mod media_address;
mod openapi;
mod page;
mod policy;
mod requester;
mod room;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::middleware;
use axum::routing::{get, post};
use tracing::Instrument as _;

pub use openapi::openapi;

pub(crate) use health::Probe;
pub(crate) use joins::Joins;
pub(crate) use media_address::MediaAddress;
pub(crate) use page::Page;
pub(crate) use requester::Forwarding;

use crate::links::Links;
use crate::rooms::{DisplayName, JoinLimiter, Joined, Meetings, RoomName};
use error::ApiError;
use requester::Requester;

pub(crate) use policy::Policy;

/// What all handlers share.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// The parts of [`App`].
pub(crate) struct Parts {
    pub(crate) meetings: Meetings,
    pub(crate) limiter: Mutex<JoinLimiter>,
    /// Counts those who look at rooms without joining.
    pub(crate) looks: Mutex<JoinLimiter>,
    pub(crate) links: Arc<Links>,
    pub(crate) joins: Arc<Joins>,
    pub(crate) probe: Probe,
    pub(crate) media: MediaAddress,
    pub(crate) page: Page,
    pub(crate) forwarding: Forwarding,
    pub(crate) policy: Policy,
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Lets somebody in, unless this requester has joined too often. The log knows people by their ids only.
    async fn let_in(
        &self,
        requester: &Requester,
        room: &RoomName,
        name: Option<&DisplayName>,
        identity: Option<&str>,
    ) -> Result<Joined, ApiError> {
        let span = tracing::info_span!("join", room = %room.id());
        let enter = async {
            self.spend_allowance(requester)?;
            let joined = self.0.meetings.join(room, name, identity).await?;
            tracing::info!(person = joined.person, peer = joined.peer.peer.id, "let in");
            Ok(joined)
        };
        enter.instrument(span).await
    }

    /// Takes a join from the allowance of this requester.
    fn spend_allowance(&self, requester: &Requester) -> Result<(), ApiError> {
        let mut limiter = self.0.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.check(Instant::now(), requester.client).map_err(ApiError::TooManyRequests)
    }

    /// Counts a look at a room by this requester.
    fn count_look(&self, requester: &Requester) -> Result<(), ApiError> {
        let mut looks = self.0.looks.lock().unwrap_or_else(PoisonError::into_inner);
        looks.check(Instant::now(), requester.client).map_err(ApiError::TooManyRequests)
    }
}

/// Everything public, below the base path. `peer_socket` is the clients' socket of the embedded media server.
pub(crate) fn router(app: App, base_path: &crate::config::BasePath, peer_socket: Option<Router>) -> Router {
    let api = Router::new()
        .route("/api/rooms/{name}/join", post(join::join))
        .route("/api/rooms//join", post(join::without_room))
        .route("/api/rooms/{name}", get(room::read))
        .route("/api/links", get(links::read))
        .route("/api/room/{name}", get(legacy::token))
        .route("/api/room/{name}/exist", get(legacy::exist))
        .route("/healthz", get(health::healthz))
        .route("/openapi.json", get(openapi::serve))
        .method_not_allowed_fallback(error::method_not_allowed);
    let pages = Router::new()
        .route("/", get(page::index))
        .route("/room/{name}", get(page::index))
        .route_layer(middleware::from_fn_with_state(app.clone(), policy::redirect_to_https));
    let public = api.merge(pages).fallback(page::asset).with_state(app.clone());
    let public = peer_socket.into_iter().fold(public, Router::merge);
    let public = below::below(base_path, public);
    public.layer(middleware::from_fn_with_state(app.clone(), policy::add_headers)).layer(middleware::from_fn_with_state(app, identify))
}

/// Finds out who asks, for all handlers.
async fn identify(State(app): State<App>, mut request: axum::extract::Request, next: middleware::Next) -> axum::response::Response {
    match app.0.forwarding.requester(&request) {
        Some(requester) => {
            request.extensions_mut().insert(requester);
            next.run(request).await
        }
        None => axum::response::IntoResponse::into_response(ApiError::Internal("a request without connection".into())),
    }
}
