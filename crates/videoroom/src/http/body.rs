//! Reading a request's body within limits.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header;
use bytes::Bytes;
use http_body_util::BodyExt;

use super::ApiError;

/// Longest body that is read.
pub(super) const MAX_BODY: usize = 64 * 1024;
/// A longer one is read and dropped up to here, so that the client reads the answer and not a broken connection.
const MAX_DROPPED: usize = 8_000_000;

/// Longest time to send a body. A join is a hundred bytes; whoever needs longer holds a connection for nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// The whole body.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, ApiError> {
    let whole = tokio::time::timeout(PATIENCE, read_all(headers, body)).await;
    whole.unwrap_or(Err(ApiError::BodyTooSlow))
}

async fn read_all(headers: &HeaderMap, mut body: Body) -> Result<Bytes, ApiError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_DROPPED) {
        return Err(ApiError::BodyTooLarge);
    }
    let (mut kept, mut received) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::InvalidRequest("The body ends too early".into()))?;
        let Ok(data) = frame.into_data() else { continue };
        received += data.len();
        if received > MAX_DROPPED {
            break;
        }
        if received <= MAX_BODY {
            kept.extend_from_slice(&data);
        }
    }
    if received > MAX_BODY { Err(ApiError::BodyTooLarge) } else { Ok(kept.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let endless = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        assert!(matches!(read(&HeaderMap::new(), endless).await, Err(ApiError::BodyTooSlow)));
    }
}
