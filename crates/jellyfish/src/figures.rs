//! What is counted for operators beside the workers' own counters.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::HttpBody as _;
use axum::response::Response;
use http::{HeaderMap, Method, Uri};
use protocol::close::{self, Close};

/// Upper ends of the histogram's buckets, in milliseconds: a quarter of a second is what people call at once, and after eight
/// seconds the page says that no media flows.
const BUCKETS: [u64; 9] = [100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/// How long it took until something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// Those up to each bucket's end and beyond the end of the one before; the last are longer than all.
    counts: [u64; BUCKETS.len() + 1],
    total_ms: u64,
}

impl Durations {
    /// Takes one in, in milliseconds.
    pub fn record(&mut self, milliseconds: u64) {
        let bucket = BUCKETS.iter().position(|end| milliseconds <= *end).unwrap_or(BUCKETS.len());
        self.counts[bucket] += 1;
        self.total_ms += milliseconds;
    }

    /// Adds those of another.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.total_ms += other.total_ms;
    }

    /// As a histogram in the text format of Prometheus, in seconds.
    pub(crate) fn histogram(&self, name: &str, help: &str) -> String {
        let mut text = format!("# HELP {name} {help}\n# TYPE {name} histogram\n");
        let ends = BUCKETS.iter().map(|end| (*end as f64 / 1_000.0).to_string()).chain(["+Inf".to_owned()]);
        let mut sum = 0;
        // Writing to a string cannot fail.
        for (end, count) in ends.zip(self.counts) {
            sum += count;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name}_bucket{{le=\"{end}\"}} {sum}");
        }
        let _ = writeln!(text, "{name}_sum {}\n{name}_count {sum}", self.total_ms as f64 / 1_000.0);
        text
    }
}

/// How sockets of clients began. The names of the results are labels.
#[derive(Debug, Default)]
pub(crate) struct Connections([AtomicU64; RESULTS.len()]);

const RESULTS: [&str; 7] = ["ok", "invalid_token", "expired_token", "not_found", "already_connected", "unauthenticated", "other"];

impl Connections {
    /// Counts one that was let in, or closed for this reason; `None` stands for one that went away by itself.
    pub(crate) fn count(&self, result: Result<(), Option<Close>>) {
        let place = match result {
            Ok(()) => 0,
            Err(Some(close)) if close == close::INVALID_TOKEN => 1,
            Err(Some(close)) if close == close::EXPIRED_TOKEN => 2,
            Err(Some(close)) if close == close::ROOM_NOT_FOUND || close == close::PEER_NOT_FOUND => 3,
            Err(Some(close)) if close == close::PEER_ALREADY_CONNECTED => 4,
            Err(Some(close)) if close == close::UNAUTHENTICATED => 5,
            Err(_) => 6,
        };
        self.0[place].fetch_add(1, Ordering::Relaxed);
    }

    /// The counters with the names of their results.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, u64)> {
        RESULTS.into_iter().zip(self.0.iter().map(|count| count.load(Ordering::Relaxed)))
    }
}

/// What the API port takes and gives in HTTP, sockets aside, as the archived server estimates it: lines and headers are counted
/// as they are written in HTTP/1.1.
#[derive(Debug, Default)]
pub(crate) struct HttpTraffic {
    received: AtomicU64,
    sent: AtomicU64,
}

/// Of a request's line beside method, path and query, of a response's beside nothing, and of each header beside name and value.
const REQUEST_LINE: usize = 14;
const RESPONSE_LINE: usize = 79;
const HEADER: usize = 4;

impl HttpTraffic {
    /// Counts a request, its body aside.
    pub(crate) fn count_request(&self, method: &Method, uri: &Uri, headers: &HeaderMap) {
        let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
        self.count_received(REQUEST_LINE + method.as_str().len() + target + length(headers));
    }

    /// Counts more of a request, in bytes.
    pub(crate) fn count_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Counts a response; its body is known before it leaves.
    pub(crate) fn count_response(&self, response: &Response) {
        let body = response.body().size_hint().exact().unwrap_or_default();
        self.sent.fetch_add((RESPONSE_LINE + length(response.headers())) as u64 + body, Ordering::Relaxed);
    }

    /// Bytes received, and bytes sent.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.received.load(Ordering::Relaxed), self.sent.load(Ordering::Relaxed))
    }
}

fn length(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + HEADER).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_cumulative_and_in_seconds() {
        let mut durations = Durations::default();
        for milliseconds in [80, 100, 101, 2_000, 60_000] {
            durations.record(milliseconds);
        }
        let mut both = Durations::default();
        both.add(&durations);
        both.add(&durations);
        let text = both.histogram("x_seconds", "What.");
        for line in [
            "# TYPE x_seconds histogram",
            "x_seconds_bucket{le=\"0.1\"} 4",
            "x_seconds_bucket{le=\"0.25\"} 6",
            "x_seconds_bucket{le=\"1\"} 6",
            "x_seconds_bucket{le=\"2\"} 8",
            "x_seconds_bucket{le=\"30\"} 8",
            "x_seconds_bucket{le=\"+Inf\"} 10",
            "x_seconds_sum 124.562",
            "x_seconds_count 10",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }

    #[test]
    fn http_is_counted_as_the_archived_server_estimates_it() {
        let traffic = HttpTraffic::default();
        let headers = HeaderMap::from_iter([(http::header::ACCEPT, http::HeaderValue::from_static("*/*"))]);
        traffic.count_request(&Method::GET, &Uri::from_static("/room?x=1"), &headers);
        assert_eq!(traffic.bytes(), (14 + 3 + 9 + (6 + 3 + 4), 0));
        traffic.count_received(10);
        let mut response = Response::new("four".into());
        response.headers_mut().insert(http::header::ETAG, http::HeaderValue::from_static("x"));
        traffic.count_response(&response);
        assert_eq!(traffic.bytes(), (49, 79 + (4 + 1 + 4) + 4));
    }

    #[test]
    fn each_result_has_its_counter() {
        let connections = Connections::default();
        for result in [
            Ok(()),
            Err(Some(close::INVALID_TOKEN)),
            Err(Some(close::EXPIRED_TOKEN)),
            Err(Some(close::PEER_NOT_FOUND)),
            Err(Some(close::PEER_ALREADY_CONNECTED)),
            Err(Some(close::UNAUTHENTICATED)),
            Err(None),
        ] {
            connections.count(result);
        }
        assert!(connections.all().all(|(_, count)| count == 1), "{:?}", connections.all().collect::<Vec<_>>());
    }
}
