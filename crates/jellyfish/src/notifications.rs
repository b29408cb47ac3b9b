//! Notifications on their way from the workers to back ends.

use bytes::Bytes;
use protocol::notification::Notification;
use tokio::sync::broadcast;

/// Notifications a subscriber may be behind. More rides out longer pauses of a back end and costs memory.
pub const MAX_BEHIND: usize = 16_384;

/// Hands every notification to every subscriber, without waiting for any: one that falls too far behind loses its place.
#[derive(Clone)]
pub(crate) struct Notifications(broadcast::Sender<Bytes>);

/// A subscription. Starts with the next notification.
pub(crate) struct Subscription(broadcast::Receiver<Bytes>);

/// The subscriber did not keep up: notifications were lost for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSlow;

impl Notifications {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(MAX_BEHIND))
    }

    pub(crate) fn publish(&self, notification: Notification) {
        tracing::debug!(room = notification.room(), "notification");
        // Nobody listens: nobody is told, as upstream.
        let _ = self.0.send(notification.encode().into());
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        Subscription(self.0.subscribe())
    }

    pub(crate) fn subscribers(&self) -> usize {
        self.0.receiver_count()
    }
}

impl Subscription {
    /// The next notification as the bytes of a frame; never ends by itself.
    pub(crate) async fn next(&mut self) -> Result<Bytes, TooSlow> {
        match self.0.recv().await {
            Ok(frame) => Ok(frame),
            Err(broadcast::error::RecvError::Lagged(_)) => Err(TooSlow),
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[tokio::test]
    async fn a_subscriber_that_does_not_keep_up_is_told_so() {
        let notifications = Notifications::new();
        let mut fast = notifications.subscribe();
        let mut slow = notifications.subscribe();
        for n in 0..=MAX_BEHIND {
            notifications.publish(Notification::RoomCreated { room: n.to_string() });
            fast.next().await.unwrap();
        }
        assert_eq!(slow.next().await, Err(TooSlow));
    }
}
