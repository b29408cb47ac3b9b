//! A small certificate authority that speaks ACME (RFC 8555) over HTTPS and proves names by real TLS-ALPN-01 connections
//! (RFC 8737), as strictly as a public one where a client could go wrong: nonces, signatures, addresses, order of steps.

mod issuer;
mod jws;
mod orders;
mod validate;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use net::tcp::{Acceptor, Limits, ListenAddress, ServerTls};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use issuer::Issuer;
use jws::Account;
use orders::Order;

/// A running authority; it ends when it is dropped.
pub struct AcmeServer {
    world: Arc<World>,
    stop: CancellationToken,
}

struct World {
    base: String,
    issuer: Issuer,
    state: Mutex<Books>,
}

/// What the authority knows.
#[derive(Default)]
struct Books {
    nonces: Vec<String>,
    accounts: Vec<Account>,
    orders: Vec<Order>,
    /// Where port 443 of a name is. A name that is not here does not resolve.
    places: HashMap<String, SocketAddr>,
    lifetime: Duration,
    refusal: Option<Problem>,
    issued: usize,
    failures: usize,
}

/// A problem document (RFC 8555 section 6.7).
#[derive(Clone, Debug)]
struct Problem {
    status: StatusCode,
    word: &'static str,
    detail: String,
}

impl Problem {
    fn new(status: u16, word: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::from_u16(status).expect("statuses here are right"), word, detail: detail.into() }
    }

    fn malformed(detail: impl Into<String>) -> Self {
        Self::new(400, "malformed", detail)
    }

    fn json(&self) -> serde_json::Value {
        json!({"type": format!("urn:ietf:params:acme:error:{}", self.word), "detail": self.detail, "status": self.status.as_u16()})
    }
}

impl AcmeServer {
    /// Starts an authority on a free port of 127.0.0.1. Its certificates are valid for 90 days.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start() -> Self {
        let mut acceptor = Acceptor::bind(&ListenAddress::One(([127, 0, 0, 1], 0).into()), Limits::default()).expect("a free port");
        let issuer = Issuer::new();
        let (certificate, key) = issuer.own_https();
        acceptor.set_tls(ServerTls::from_pem(certificate.as_bytes(), key.as_bytes()).expect("a certificate just made"));
        let base = format!("https://{}", acceptor.local_addr());
        let books = Books { lifetime: Duration::from_hours(24 * 90), ..Books::default() };
        let world = Arc::new(World { base, issuer, state: Mutex::new(books) });
        let stop = CancellationToken::new();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&world));
        tokio::spawn(acceptor.serve(router, stop.clone().cancelled_owned()));
        Self { world, stop }
    }

    /// Address of its directory.
    pub fn directory(&self) -> String {
        format!("{}/directory", self.world.base)
    }

    /// The certificate, PEM, by which its own HTTPS and what it issues are trusted.
    pub fn root(&self) -> String {
        self.world.issuer.root()
    }

    /// Makes port 443 of `name` be at `place`.
    pub fn point(&self, name: &str, place: SocketAddr) {
        self.world.books().places.insert(name.to_owned(), place);
    }

    /// Sets how long further certificates are valid.
    pub fn set_lifetime(&self, lifetime: Duration) {
        self.world.books().lifetime = lifetime;
    }

    /// Answers further orders with this kind of problem; `None`: takes them again.
    pub fn refuse(&self, problem: Option<(u16, &'static str, &str)>) {
        self.world.books().refusal = problem.map(|(status, word, detail)| Problem::new(status, word, detail));
    }

    /// How many certificates it has issued.
    pub fn issued(&self) -> usize {
        self.world.books().issued
    }

    /// How many proofs have failed.
    pub fn failures(&self) -> usize {
        self.world.books().failures
    }

    /// How many accounts it has.
    pub fn accounts(&self) -> usize {
        self.world.books().accounts.len()
    }
}

impl Drop for AcmeServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn nonce(&self) -> String {
        let nonce = jws::random();
        self.books().nonces.push(nonce.clone());
        nonce
    }
}

async fn answer(State(world): State<Arc<World>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let nonce = world.nonce();
    let answer = match (method, uri.path()) {
        (Method::GET, "/directory") => {
            let base = &world.base;
            let directory = json!({"newNonce": format!("{base}/nonce"), "newAccount": format!("{base}/account"),
                                   "newOrder": format!("{base}/orders")});
            Ok(axum::Json(directory).into_response())
        }
        (Method::HEAD | Method::GET, "/nonce") => Ok(StatusCode::OK.into_response()),
        (Method::POST, path) => {
            let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            if kind == Some("application/jose+json") { post(&world, path, &body).await } else { Err(Problem::malformed("content type")) }
        }
        _ => Err(Problem::new(404, "malformed", "no such resource")),
    };
    let mut response = answer.unwrap_or_else(|problem| (problem.status, axum::Json(problem.json())).into_response());
    if let Ok(value) = nonce.parse() {
        response.headers_mut().insert("replay-nonce", value);
    }
    response
}

async fn post(world: &World, path: &str, body: &[u8]) -> Result<Response, Problem> {
    let signed = jws::open(world, path, body)?;
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let number = |text: &str| text.parse::<usize>().map_err(|_| Problem::malformed("no such resource"));
    match parts.as_slice() {
        ["account"] => {
            let location = format!("{}/account/{}", world.base, signed.account);
            Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(json!({"status": "valid"}))).into_response())
        }
        ["orders"] => orders::create(world, &signed),
        ["order", order] => orders::read(world, &signed, number(order)?),
        ["authorization", order, name] => orders::authorization(world, &signed, number(order)?, number(name)?),
        ["challenge", order, name] => orders::challenge(world, &signed, number(order)?, number(name)?).await,
        ["finalize", order] => orders::finalize(world, &signed, number(order)?),
        ["certificate", order] => orders::certificate(world, &signed, number(order)?),
        _ => Err(Problem::new(404, "malformed", "no such resource")),
    }
}
