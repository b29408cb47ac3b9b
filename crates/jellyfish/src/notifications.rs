//! Notifications on their way from the workers to back ends.
//!
//! Every notification has a number. A back end that knows where it was interrupted gets what it missed, as far back as the
//! history reaches.

mod history;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use protocol::notification::Notification;
use protocol::proto::server_message::Position;
use sfu::RoomId;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::random;
use crate::webhooks::Webhooks;
use history::History;

/// Notifications that may wait for a subscriber. More rides out longer pauses of a back end and costs memory.
pub const MAX_BEHIND: usize = 16_384;

pub use history::{MAX_REMEMBERED, MAX_REMEMBERED_BYTES};

/// Bytes that may wait for a subscriber: notifications carry metadata, which can be long.
pub const MAX_BEHIND_BYTES: usize = 16 * 1024 * 1024;

/// Hands every notification to every subscriber, without waiting for any: one that falls too far behind loses its place.
#[derive(Clone, Default)]
pub(crate) struct Notifications {
    /// Locked for the time of a few queue operations. A worker waits for it when it tells something, never to forward media.
    shared: Arc<Mutex<Shared>>,
    webhooks: Option<Webhooks>,
}

struct Shared {
    subscribers: Vec<Subscriber>,
    history: History,
}

struct Subscriber {
    queue: mpsc::Sender<Bytes>,
    waiting_bytes: Arc<AtomicUsize>,
    overrun: CancellationToken,
}

/// A subscription. Starts with the next notification.
pub(crate) struct Subscription {
    queue: mpsc::Receiver<Bytes>,
    waiting_bytes: Arc<AtomicUsize>,
    overrun: CancellationToken,
}

/// The subscriber did not keep up: notifications were lost for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSlow;

impl Notifications {
    pub(crate) fn new(webhooks: Webhooks) -> Self {
        Self { webhooks: Some(webhooks), ..Self::default() }
    }

    /// From now on notifications of this room are posted there, too.
    pub(crate) fn open_webhook(&self, room: &RoomId, url: &str, batching: bool) {
        if let Some(webhooks) = &self.webhooks {
            webhooks.open(room.as_str(), url, batching);
        }
    }

    pub(crate) fn publish(&self, notification: Notification) {
        tracing::debug!(room = notification.room(), "notification");
        let room = notification.room().to_owned();
        let is_last = matches!(notification, Notification::RoomDeleted { .. } | Notification::RoomCrashed { .. });
        let frame = Bytes::from(notification.encode());
        if let Some(webhooks) = &self.webhooks {
            webhooks.publish(&room, is_last, &frame);
        }
        let mut shared = self.shared();
        shared.subscribers.retain(|subscriber| subscriber.take(&frame));
        shared.history.push(frame);
    }

    /// A subscription from behind `after`, as far as that is remembered, or from now on; and where it really begins.
    pub(crate) fn subscribe(&self, after: Option<Position>) -> (Subscription, Position) {
        let (sender, receiver) = mpsc::channel(MAX_BEHIND);
        let (waiting_bytes, overrun) = (Arc::default(), CancellationToken::new());
        let subscriber = Subscriber { queue: sender, waiting_bytes: Arc::clone(&waiting_bytes), overrun: overrun.clone() };
        let mut shared = self.shared();
        let (position, missed) = shared.history.behind(after);
        // The history is shorter than the queue: all of it fits.
        missed.for_each(|frame| _ = subscriber.take(frame));
        shared.subscribers.push(subscriber);
        (Subscription { queue: receiver, waiting_bytes, overrun }, position)
    }

    pub(crate) fn subscribers(&self) -> usize {
        self.shared().subscribers.iter().filter(|subscriber| !subscriber.queue.is_closed()).count()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Shared {
    fn default() -> Self {
        Self { subscribers: Vec::new(), history: History::new(random::number()) }
    }
}

impl Subscriber {
    /// Whether it keeps its place.
    fn take(&self, frame: &Bytes) -> bool {
        let waiting = self.waiting_bytes.fetch_add(frame.len(), Ordering::Relaxed);
        let kept = waiting <= MAX_BEHIND_BYTES && self.queue.try_send(frame.clone()).is_ok();
        if !kept {
            self.overrun.cancel();
        }
        kept
    }
}

impl Subscription {
    /// The next notification as the bytes of a frame; never ends by itself.
    pub(crate) async fn next(&mut self) -> Result<Bytes, TooSlow> {
        tokio::select! {
            biased;
            () = self.overrun.cancelled() => Err(TooSlow),
            frame = self.queue.recv() => {
                let frame = frame.ok_or(TooSlow)?;
                self.waiting_bytes.fetch_sub(frame.len(), Ordering::Relaxed);
                Ok(frame)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[tokio::test]
    async fn limit_notifications_behind_by_number() {
        let notifications = Notifications::default();
        let mut fast = notifications.subscribe(None).0;
        let mut slow = notifications.subscribe(None).0;
        for n in 0..=MAX_BEHIND {
            notifications.publish(Notification::RoomCreated { room: n.to_string() });
            fast.next().await.unwrap();
        }
        assert_eq!(slow.next().await, Err(TooSlow));
        assert_eq!(notifications.subscribers(), 1);
    }

    #[tokio::test]
    async fn limit_notifications_behind_by_bytes() {
        let notifications = Notifications::default();
        let mut fast = notifications.subscribe(None).0;
        let mut slow = notifications.subscribe(None).0;
        let metadata = "x".repeat(64_000);
        for _ in 0..MAX_BEHIND_BYTES / metadata.len() + 2 {
            let (room, peer) = ("r".to_owned(), "p".to_owned());
            notifications.publish(Notification::PeerMetadataUpdated { room, peer, metadata: metadata.clone() });
            fast.next().await.unwrap();
        }
        assert_eq!(slow.next().await, Err(TooSlow));
    }

    #[tokio::test]
    async fn a_subscription_begins_with_the_next_notification_and_ends_with_its_reader() {
        let notifications = Notifications::default();
        notifications.publish(Notification::RoomCreated { room: "before".into() });
        let mut subscription = notifications.subscribe(None).0;
        notifications.publish(Notification::RoomCreated { room: "after".into() });
        let expected = Notification::RoomCreated { room: "after".into() }.encode();
        assert_eq!(subscription.next().await.unwrap(), expected);
        drop(subscription);
        notifications.publish(Notification::RoomCreated { room: "later".into() });
        assert_eq!(notifications.subscribers(), 0);
    }
}
