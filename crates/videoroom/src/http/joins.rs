//! Counting joins by their result, for the operator's figures.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ApiError;

/// Every result: success, then the codes of errors.
const RESULTS: [&str; 9] = [
    "ok",
    "invalid_room_name",
    "invalid_name",
    "invalid_request",
    "room_full",
    "too_many_requests",
    "media_server_unavailable",
    "not_found",
    "internal",
];

/// Joins since the start.
#[derive(Debug, Default)]
pub(crate) struct Joins([AtomicU64; RESULTS.len()]);

impl Joins {
    /// Counts one.
    pub(super) fn count<T>(&self, result: &Result<T, ApiError>) {
        let name = result.as_ref().map_or_else(ApiError::code, |_| RESULTS[0]);
        if let Some(place) = RESULTS.iter().position(|known| *known == name) {
            self.0[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// All of them in the text format of Prometheus.
    pub(crate) fn page(&self) -> String {
        let mut page =
            "# HELP videoroom_joins_total Joins that were asked for, by result.\n# TYPE videoroom_joins_total counter\n".to_owned();
        for (name, count) in RESULTS.iter().zip(&self.0) {
            // Writing to a string cannot fail.
            let _ = writeln!(page, "videoroom_joins_total{{result=\"{name}\"}} {}", count.load(Ordering::Relaxed));
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::rooms::NameError;

    #[test]
    fn every_result_is_counted_under_its_name() {
        let joins = Joins::default();
        joins.count(&Ok(()));
        joins.count(&Ok(()));
        let errors = [
            ApiError::InvalidRoomName(NameError::Empty),
            ApiError::InvalidName(NameError::Empty),
            ApiError::InvalidRequest(String::new()),
            ApiError::BodyTooLarge,
            ApiError::BodyTooSlow,
            ApiError::RoomFull,
            ApiError::TooManyRequests(Duration::ZERO),
            ApiError::MediaServerUnavailable,
            ApiError::NotFound,
            ApiError::MethodNotAllowed,
            ApiError::Internal(String::new()),
        ];
        let all = errors.len();
        for error in errors {
            joins.count(&Err::<(), _>(error));
        }
        let page = joins.page();
        assert!(page.contains("videoroom_joins_total{result=\"ok\"} 2\n"), "{page}");
        assert!(page.contains("videoroom_joins_total{result=\"invalid_request\"} 3\n"), "{page}");
        let counted: u64 =
            page.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum();
        // A method that is not allowed never gets as far as a join.
        assert_eq!(counted as usize, 2 + all - 1, "{page}");
    }
}
