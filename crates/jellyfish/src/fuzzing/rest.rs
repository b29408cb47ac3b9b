//! Requests to the API, without the connection that they would come over.

use std::net::Ipv4Addr;
use std::path::Path;

use axum::Router;
use axum::body::{self, Body};
use http::header;
use net::tcp::{ConnInfo, ListenAddress};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use super::request::Asked;
use crate::config::{Config, Metrics, Secret, Tls};
use crate::{Running, start};

const TOKEN: &str = "token";
/// Requests after which all rooms are removed: the server's limits are not what is looked for here.
const FRESH: usize = 200;

/// A server, and who asks it.
pub struct Rest {
    runtime: Runtime,
    running: Running,
    routes: Router,
    requests: usize,
}

impl Rest {
    /// Starts a server.
    pub fn start(data_dir: &Path) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let config = Config {
            listen: ListenAddress::One((Ipv4Addr::LOCALHOST, 0).into()),
            media_port: 0,
            api_token: Some(Secret::new(TOKEN)),
            data_dir: data_dir.to_owned(),
            tls: Tls::Off,
            workers: 1,
            metrics: Metrics::Off,
            ..Config::default()
        };
        let running = runtime.block_on(start(config)).expect("the server starts");
        let routes = running.api_router();
        Self { runtime, running, routes, requests: 0 }
    }

    /// Asks what the bytes say, and returns the status; `None`: they are no request. A server error is a finding, except for rooms and
    /// peers that no longer fit.
    pub fn ask(&mut self, bytes: &[u8]) -> Option<u16> {
        self.requests += 1;
        if self.requests.is_multiple_of(FRESH) {
            self.delete_rooms();
        }
        let (status, answer) = self.send(Asked::read(bytes))?;
        assert!(status < 500 || status == 503, "{status} {answer}");
        Some(status)
    }

    /// Removes all rooms; nothing else may be left.
    pub fn delete_rooms(&mut self) {
        let (_, list) = self.send(Asked::read(b"\0room")).expect("it is a request");
        let list: Value = serde_json::from_str(&list).expect("an answer is JSON");
        let rooms = list["data"].as_array().expect("the list is a list");
        for room in rooms.iter().map(|room| room["id"].as_str().expect("a room has an id")) {
            let deleted = self.send(Asked::read(format!("\u{2}room/{room}").as_bytes()));
            assert!(matches!(deleted, Some((204, _))), "{room}: {deleted:?}");
        }
        assert_eq!(self.running.room_count(), 0, "every room is listed");
    }

    fn send(&self, mut asked: Asked) -> Option<(u16, String)> {
        if !asked.headers.iter().any(|(name, _)| name == "authorization") {
            asked.headers.push((header::AUTHORIZATION.to_string(), format!("Bearer {TOKEN}")));
        }
        let mut request = asked.into_request::<Body>()?;
        let (remote, local) = ((Ipv4Addr::LOCALHOST, 1).into(), self.running.api_addr());
        request.extensions_mut().insert(ConnInfo { remote, local, tls: false });
        let answer = async {
            let Ok(response) = self.routes.clone().oneshot(request).await;
            let status = response.status().as_u16();
            let body = body::to_bytes(response.into_body(), usize::MAX).await.expect("an answer ends");
            (status, String::from_utf8_lossy(&body).into_owned())
        };
        Some(self.runtime.block_on(answer))
    }
}
