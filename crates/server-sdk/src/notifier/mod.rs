//! What happens on the server, as events.

mod backoff;
mod connection;

use std::time::Duration;

use protocol::notification::Notification;
use protocol::proto::server_message::Position;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use backoff::Backoff;
use connection::Opened;

use crate::{Client, Error, Metrics};

/// Events kept for a consumer that is slower than the server. Beyond it events are dropped and
/// [`Event::MayHaveMissed`] says so: memory stays bounded, and reading the room list catches up.
const QUEUE: usize = 1024;

/// Something the consumer has to know.
#[derive(Debug)]
pub enum Event {
    /// Notifications arrive from now on, but some may have been missed before: the first event of the first connection and of
    /// most others, and again whenever the consumer was too slow. Read the list of rooms.
    MayHaveMissed,
    /// Notifications arrive again, and those since the connection before follow: none was missed. The first event of a later
    /// connection to a server that remembers them, as ours does for a while.
    Resumed,
    /// A fact about a room or peer.
    Notification(Notification),
    /// A report of metrics, every second with [`Topic::Metrics`].
    Metrics(Metrics),
    /// No connection: it ended, or could not be made. The notifier tries again by itself.
    Disconnected(Error),
}

/// What a notifier listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Rooms, peers and tracks: [`Event::Notification`].
    Notifications,
    /// Reports of metrics: [`Event::Metrics`]. Newer servers of others have none.
    Metrics,
}

/// Waits of a notifier.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Longest wait for a connection, and for each answer until notifications flow.
    pub handshake: Duration,
    /// Silence after which the server is asked for a sign of life (ping).
    pub ping_after: Duration,
    /// Silence after which the connection is given up; more than `ping_after`.
    pub dead_after: Duration,
    /// Pauses between attempts to connect.
    pub backoff: Backoff,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(5),
            ping_after: Duration::from_secs(10),
            dead_after: Duration::from_secs(20),
            backoff: Backoff::default(),
        }
    }
}

/// A subscription to the server's notifications, kept up over reconnections. Dropping it ends it.
#[derive(Debug)]
pub struct Notifier {
    events: mpsc::Receiver<Event>,
    task: JoinHandle<()>,
}

impl Notifier {
    pub(crate) fn start(client: Client, topics: &[Topic], timing: Timing) -> Self {
        let (sender, events) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(client, topics.to_vec(), timing, Outbox { sender, missed: false }));
        Self { events, task }
    }

    /// The next event. Cancel safe. `None` only when the runtime shuts down.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The sending end: never waits for the consumer, so that pings are answered meanwhile.
struct Outbox {
    sender: mpsc::Sender<Event>,
    /// An event was dropped, which the consumer is not told yet.
    missed: bool,
}

impl Outbox {
    fn push(&mut self, event: Event) {
        if self.missed && self.sender.try_send(Event::MayHaveMissed).is_ok() {
            self.missed = false;
        }
        // A report that is dropped is as good as the next one.
        let matters = !matches!(event, Event::Metrics(_));
        if self.missed || self.sender.try_send(event).is_err() {
            self.missed |= matters;
        }
    }

    /// Tells a consumer that has caught up about what it missed. Waits until there is room for it, or forever.
    async fn report_missed(&mut self) {
        if !self.missed {
            return std::future::pending().await;
        }
        if self.sender.send(Event::MayHaveMissed).await.is_ok() {
            self.missed = false;
        } else {
            std::future::pending::<()>().await;
        }
    }
}

async fn run(client: Client, topics: Vec<Topic>, timing: Timing, mut outbox: Outbox) {
    let mut failures = 0;
    let mut position: Option<Position> = None;
    loop {
        let error = match connection::open(&client, &topics, &timing, position).await {
            Ok(Opened { mut connection, resumed }) => {
                failures = 0;
                outbox.push(if resumed { Event::Resumed } else { Event::MayHaveMissed });
                let error = connection.listen(&timing, &mut outbox).await;
                position = connection.position();
                error
            }
            Err(error) => error,
        };
        tracing::debug!(%error, "no notifications from the media server");
        outbox.push(Event::Disconnected(error));
        tokio::time::sleep(timing.backoff.pause(failures, backoff::random())).await;
        failures = failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[tokio::test]
    async fn a_slow_consumer_is_told_that_it_missed_events() {
        let (sender, mut events) = mpsc::channel(2);
        let mut outbox = Outbox { sender, missed: false };
        for room in ["a", "b", "dropped", "dropped too"] {
            outbox.push(Event::Notification(Notification::RoomCreated { room: room.into() }));
        }
        assert!(matches!(events.recv().await.unwrap(), Event::Notification(n) if n.room() == "a"));
        assert!(matches!(events.recv().await.unwrap(), Event::Notification(n) if n.room() == "b"));
        outbox.report_missed().await;
        assert!(matches!(events.recv().await.unwrap(), Event::MayHaveMissed));
        outbox.push(Event::Notification(Notification::RoomCreated { room: "c".into() }));
        assert!(matches!(events.recv().await.unwrap(), Event::Notification(n) if n.room() == "c"));
    }

    #[tokio::test]
    async fn a_report_that_finds_no_room_is_not_missed() {
        let (sender, mut events) = mpsc::channel(1);
        let mut outbox = Outbox { sender, missed: false };
        outbox.push(Event::Notification(Notification::RoomCreated { room: "a".into() }));
        outbox.push(Event::Metrics(Metrics::default()));
        assert!(!outbox.missed);
        assert!(matches!(events.recv().await.unwrap(), Event::Notification(n) if n.room() == "a"));
    }

    #[tokio::test]
    async fn what_was_missed_is_said_before_anything_newer() {
        let (sender, mut events) = mpsc::channel(2);
        let mut outbox = Outbox { sender, missed: true };
        outbox.push(Event::Notification(Notification::RoomCreated { room: "new".into() }));
        assert!(matches!(events.recv().await.unwrap(), Event::MayHaveMissed));
        assert!(matches!(events.recv().await.unwrap(), Event::Notification(_)));
    }
}
