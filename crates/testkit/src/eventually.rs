//! Waiting with a reason.

use std::time::{Duration, Instant};

/// How long [`eventually`] waits. A healthy system needs milliseconds; a loaded CI machine sometimes needs seconds.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(10);

/// Asks `probe` until it gives a value, and panics with what it said last when it does not within 15 s.
pub async fn eventually<T>(what: &str, probe: impl AsyncFnMut() -> Result<T, String>) -> T {
    eventually_within(PATIENCE, what, probe).await
}

/// Like [`eventually`], with another patience.
///
/// # Panics
/// When the time is over.
pub async fn eventually_within<T>(patience: Duration, what: &str, mut probe: impl AsyncFnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match probe().await {
            Ok(value) => return value,
            Err(missing) => assert!(start.elapsed() < patience, "{what}: after {patience:?} still missing: {missing}"),
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
