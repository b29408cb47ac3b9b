//! Going on with a session over another WebSocket: what both sides have said is counted, and what the server missed is said again.

use std::collections::VecDeque;

use protocol::proto::peer_message::{Content, Resume, Resumption};
use protocol::proto::{PeerMessage, peer_message};

/// What a client remembers of its session's signalling.
#[derive(Default)]
pub(crate) struct Memory {
    session: String,
    /// Media events of the server.
    received: u64,
    /// Media events of this client that the server has received.
    confirmed: u64,
    /// The ones after them.
    unconfirmed: VecDeque<PeerMessage>,
}

impl Memory {
    /// What to ask the server for.
    pub(crate) fn request(&self) -> Resume {
        Resume { session: self.session.clone(), received: self.received }
    }

    /// The server's answer to a new WebSocket; returns what has to be said again. `None`: the session is over.
    pub(crate) fn resume(&mut self, answer: Option<Resumption>) -> Option<Vec<PeerMessage>> {
        let answer = answer.filter(|answer| answer.resumed || self.session.is_empty())?;
        self.session = answer.session;
        self.confirm(answer.received);
        Some(self.unconfirmed.iter().cloned().collect())
    }

    /// Notes a message of the server.
    pub(crate) fn heard(&mut self, message: &PeerMessage) {
        match &message.content {
            Some(Content::ServerMediaEvent(_)) => self.received += 1,
            Some(Content::Pong(peer_message::Pong { received })) => self.confirm(*received),
            _ => {}
        }
    }

    /// Notes a message to the server.
    pub(crate) fn said(&mut self, message: &PeerMessage) {
        if matches!(message.content, Some(Content::PeerMediaEvent(_))) {
            self.unconfirmed.push_back(message.clone());
        }
    }

    fn confirm(&mut self, received: u64) {
        while self.confirmed < received && self.unconfirmed.pop_front().is_some() {
            self.confirmed += 1;
        }
    }
}
