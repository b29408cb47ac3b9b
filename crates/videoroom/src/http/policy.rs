//! Headers that keep browsers safe, and the way to HTTPS.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::requester::{Requester, is_local};
use super::{ApiError, App, error};

/// What a page may use (Permissions Policy): what a meeting needs, for this site only.
const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self), \
speaker-selection=(self), screen-wake-lock=(self), picture-in-picture=(self), geolocation=(), payment=(), usb=(), serial=(), midi=()";

/// Marks a browser that was just sent to HTTPS. When it comes over plain HTTP again all the same, a proxy between us speaks HTTPS
/// without telling, and sending it on would never end.
const SENT: &str = "sent-to-https=1; Path=/; Max-Age=10; HttpOnly; SameSite=Lax";
/// It has arrived.
const FORGET: &str = "sent-to-https=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";

fn was_sent(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|value| value.split(';')).any(|cookie| cookie.trim() == "sent-to-https=1")
}

/// What the policy depends on.
#[derive(Debug)]
pub(crate) struct Policy {
    /// Whether this port speaks HTTPS.
    pub(crate) tls: bool,
    /// Sources of `frame-ancestors`.
    pub(crate) frame_ancestors: String,
    /// Whether the log has told of a proxy that says too little.
    pub(crate) warned: AtomicBool,
}

impl Policy {
    /// Once: every request would say the same.
    fn warn_of_silent_proxy(&self) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a proxy in front speaks HTTPS but does not say so: let it set X-Forwarded-Proto, and name it with --trusted-proxy unless it is on \
                 this machine"
            );
        }
    }

    /// The Content Security Policy of pages. `sockets`: further origins that the page connects to.
    fn content_security(&self, sockets: &str) -> String {
        format!(
            "default-src 'self'; connect-src 'self' {sockets}; img-src 'self' blob:; media-src 'self' blob:; worker-src 'self' blob:; \
             object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {}",
            self.frame_ancestors
        )
    }
}

/// Adds the headers to every answer.
pub(super) async fn add_headers(
    State(app): State<App>,
    Extension(requester): Extension<Requester>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    if is_page {
        set(headers, HeaderName::from_static("permissions-policy"), PERMISSIONS);
        set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        let sockets = app.0.media.page_sources(&app.0.forwarding, &requester, &app.0.probe).await;
        match HeaderValue::try_from(app.0.policy.content_security(&sockets)) {
            Ok(value) => drop(headers.insert(header::CONTENT_SECURITY_POLICY, value)),
            Err(error) => return ApiError::Internal(error.to_string()).into_response(),
        }
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// Sends browsers on other machines to HTTPS: they give camera and microphone to nothing else.
pub(super) async fn redirect_to_https(
    State(app): State<App>,
    Extension(requester): Extension<Requester>,
    request: Request,
    next: Next,
) -> Response {
    if requester.undeclared {
        app.0.policy.warn_of_silent_proxy();
    }
    let was_sent = was_sent(request.headers());
    if !app.0.policy.tls || requester.https || is_local(&requester.host) {
        let mut response = next.run(request).await;
        if was_sent && requester.https {
            response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static(FORGET));
        }
        return response;
    }
    if was_sent {
        app.0.policy.warn_of_silent_proxy();
        return error::silent_proxy();
    }
    let path = request.extensions().get::<axum::extract::OriginalUri>().map_or_else(|| request.uri(), |original| &original.0);
    let path = path.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    match HeaderValue::try_from(format!("https://{}{path}", requester.host)) {
        // Not remembered by browsers: the operator may turn HTTPS off again.
        Ok(location) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location), (header::SET_COOKIE, HeaderValue::from_static(SENT))])
                .into_response()
        }
        Err(error) => ApiError::Internal(error.to_string()).into_response(),
    }
}
