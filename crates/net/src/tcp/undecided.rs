//! Connections whose kind is not known yet: a bounded number of them, the oldest goes first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// All undecided connections of an acceptor.
#[derive(Debug)]
pub(super) struct Undecided {
    limit: usize,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    /// By age; dropping a sender tells the connection to go.
    connections: BTreeMap<u64, oneshot::Sender<()>>,
}

/// Membership of one connection; ends when dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    number: u64,
    waiting: Arc<Mutex<Waiting>>,
    evicted: oneshot::Receiver<()>,
}

impl Undecided {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), waiting: Arc::default() }
    }

    /// Adds a connection; says whether the oldest had to go for it. Whoever holds connections open without a word thus
    /// loses them first, and nobody else has to wait.
    pub(super) fn enter(&self) -> (Ticket, bool) {
        let (sender, evicted) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let full = waiting.connections.len() >= self.limit;
        if full {
            waiting.connections.pop_first();
        }
        let number = waiting.next;
        waiting.next += 1;
        waiting.connections.insert(number, sender);
        (Ticket { number, waiting: Arc::clone(&self.waiting), evicted }, full)
    }
}

impl Ticket {
    /// Waits until this connection has to go.
    pub(super) async fn evicted(&mut self) {
        let _ = (&mut self.evicted).await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).connections.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_goes_when_there_are_too_many() {
        let undecided = Undecided::new(2);
        let (mut first, _) = undecided.enter();
        let (second, full) = undecided.enter();
        assert!(!full);
        drop(second);
        let (_third, full) = undecided.enter();
        assert!(!full, "a decided connection makes room");
        let (_fourth, full) = undecided.enter();
        assert!(full);
        first.evicted().await;
    }
}
