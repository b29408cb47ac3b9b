//! The page: the built Frontend, which is part of the binary.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::App;
use super::error::not_found;
use crate::config::BasePath;

/// The Frontend's build. Without it the crate still builds, and says how to make it.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/app/dist"]
#[allow_missing = true]
struct Dist;

/// Where the page says what its links are relative to.
const BASE: &str = "<base href=\"/\" />";
/// Files below it have names that change with their content.
const HASHED: &str = "assets/";
/// Compressing less than this saves no packet.
const MIN_COMPRESSED: usize = 1024;

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><base href=\"/\" /><title>Videoroom</title></head><body><main>\
<h1>The page is not built</h1><p>This binary was built without its page. Run <code>cargo xtask run</code>, or <code>npm ci</code> and \
<code>npm run build -w web/app</code> before <code>cargo build</code>.</p></main></body></html>\n";

/// The files of the page.
pub(crate) struct Page {
    index: Bytes,
    files: HashMap<String, Asset>,
}

struct Asset {
    bytes: Bytes,
    kind: HeaderValue,
    etag: HeaderValue,
    cache: &'static str,
    compressible: bool,
    gzip: OnceLock<Option<Bytes>>,
}

impl Page {
    /// The embedded page, for a base path.
    pub(crate) fn new(base_path: &BasePath) -> Self {
        let index = Dist::get("index.html").map(|file| String::from_utf8_lossy(&file.data).into_owned());
        let index = index.unwrap_or_else(|| NOT_BUILT.to_owned());
        let files = Dist::iter()
            .filter(|path| path != "index.html")
            .filter_map(|path| Some((path.to_string(), Asset::new(&path, &Dist::get(&path)?)?)));
        Self { index: with_base(&index, base_path).into(), files: files.collect() }
    }

    /// Whether the page is part of the binary.
    pub(crate) fn is_built() -> bool {
        Dist::get("index.html").is_some()
    }
}

/// Puts the base path where relative links of the page find it.
fn with_base(index: &str, base_path: &BasePath) -> String {
    let base = format!("<base href=\"{}\" />", base_path.as_str());
    if index.contains(BASE) { index.replacen(BASE, &base, 1) } else { index.replacen("<head>", &format!("<head>{base}"), 1) }
}

impl Asset {
    fn new(path: &str, file: &EmbeddedFile) -> Option<Self> {
        let kind = file.metadata.mimetype();
        let compressible = kind.starts_with("text/") || ["javascript", "json", "svg", "wasm"].iter().any(|part| kind.contains(part));
        let kind = if kind.starts_with("text/") && !kind.contains("charset") {
            Cow::Owned(format!("{kind}; charset=utf-8"))
        } else {
            Cow::Borrowed(kind)
        };
        let hash = file.metadata.sha256_hash();
        let etag = hash[..12].iter().fold("\"".to_owned(), |text, byte| format!("{text}{byte:02x}")) + "\"";
        let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        Some(Self {
            bytes: Bytes::from(file.data.to_vec()),
            kind: HeaderValue::try_from(&*kind).ok()?,
            etag: HeaderValue::try_from(etag).ok()?,
            cache,
            compressible,
            gzip: OnceLock::new(),
        })
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let common = [(header::ETAG, self.etag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static(self.cache))];
        if headers.get(header::IF_NONE_MATCH) == Some(&self.etag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let kind = [(header::CONTENT_TYPE, self.kind.clone())];
        let vary = [(header::VARY, HeaderValue::from_static("accept-encoding"))];
        match self.gzip().filter(|_| accepts_gzip(headers)) {
            Some(bytes) => (common, kind, vary, [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))], bytes).into_response(),
            None => (common, kind, vary, self.bytes.clone()).into_response(),
        }
    }

    /// The compressed content, made once; `None` when it is not worth it.
    fn gzip(&self) -> Option<Bytes> {
        if !self.compressible || self.bytes.len() < MIN_COMPRESSED {
            return None;
        }
        self.gzip
            .get_or_init(|| {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(&self.bytes).ok()?;
                encoder.finish().ok().map(Bytes::from)
            })
            .clone()
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|element| {
        let mut parts = element.split(';').map(str::trim);
        parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"))
            && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The page, on all its routes.
pub(super) async fn index(State(app): State<App>) -> Response {
    ([(header::CACHE_CONTROL, "no-cache")], Html(app.0.page.index.clone())).into_response()
}

/// A file of the page, or nothing.
pub(super) async fn asset(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let file = app.0.page.files.get(parts.uri.path().trim_start_matches('/'));
    match file {
        Some(file) if matches!(parts.method, Method::GET | Method::HEAD) => file.answer(&parts.headers),
        _ => not_found(&parts.headers),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn the_base_path_is_put_into_the_page() {
        let meet: BasePath = "/meet".parse().unwrap();
        assert_eq!(with_base("<head><base href=\"/\" /><title>", &meet), "<head><base href=\"/meet/\" /><title>");
        assert_eq!(with_base("<head><title>", &meet), "<head><base href=\"/meet/\" /><title>");
        assert!(with_base(NOT_BUILT, &meet).contains("href=\"/meet/\""));
    }

    #[test]
    fn compression_is_used_when_the_browser_takes_it() {
        for (accepted, expected) in [("gzip, br", true), ("br;q=1, GZIP;q=0.5", true), ("gzip;q=0", false), ("br", false), ("", false)] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            assert_eq!(accepts_gzip(&headers), expected, "{accepted}");
        }
    }
}
