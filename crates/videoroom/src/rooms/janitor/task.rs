//! Performs what the janitor decides.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use server_sdk::{Client, Error, Event, Notifier};
use tokio::task::JoinSet;

use super::{Action, Input, Janitor, Read, Seen};
use crate::rooms::RoomId;
use crate::rooms::join::Gates;

/// Requests at once. More empties a server full of abandoned rooms faster, and competes with joins meanwhile.
const PARALLEL: usize = 8;

/// Keeps the media server free of our empty rooms until it is dropped.
pub(crate) async fn run(client: Client, mut notifier: Notifier, gates: Arc<Gates>) {
    let mut janitor = Janitor::default();
    let mut work = JoinSet::new();
    let mut connected = None;
    loop {
        while work.len() < PARALLEL
            && let Some(action) = janitor.poll(Instant::now())
        {
            work.spawn(perform(client.clone(), Arc::clone(&gates), action));
        }
        let deadline = janitor.deadline().filter(|_| work.len() < PARALLEL);
        let input = tokio::select! {
            event = notifier.next() => match event {
                Some(event) => report(event, &mut connected),
                None => return,
            },
            Some(done) = work.join_next() => done.inspect_err(|error| tracing::error!(%error, "the janitor's work broke")).ok(),
            () = until(deadline) => None,
        };
        if let Some(input) = input {
            janitor.handle(Instant::now(), input);
        }
    }
}

/// What an event means to the janitor; logs when the connection comes and goes, once each.
fn report(event: Event, connected: &mut Option<bool>) -> Option<Input> {
    match event {
        // A resumed connection misses nothing, but what the janitor failed at meanwhile is looked at again.
        Event::MayHaveMissed | Event::Resumed => {
            if connected.replace(true) != Some(true) {
                tracing::info!("notifications from the media server arrive");
            }
            Some(Input::MayHaveMissed)
        }
        Event::Notification(notification) => Some(Input::Notified(notification)),
        Event::Metrics(_) => None,
        Event::Disconnected(error) => {
            if connected.replace(false) != Some(false) {
                tracing::warn!(%error, "no notifications from the media server, trying again");
            }
            None
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

async fn perform(client: Client, gates: Arc<Gates>, action: Action) -> Input {
    match action {
        Action::List => Input::Listed(list(&client).await),
        Action::Read(room) => {
            let read = read(&client, &room).await;
            Input::Read(room, read)
        }
        Action::Confirm(room, known) => {
            let read = confirm(&client, &gates, &room, &known).await;
            Input::Confirmed(room, read)
        }
    }
}

async fn list(client: &Client) -> Option<Vec<(RoomId, Seen)>> {
    match client.rooms().await {
        Ok(rooms) => Some(rooms.iter().filter_map(|room| Some((RoomId::recognise(&room.id)?, Seen::of(room)))).collect()),
        Err(error) => {
            tracing::debug!(%error, "the list of rooms cannot be read");
            None
        }
    }
}

async fn read(client: &Client, room: &RoomId) -> Read {
    match client.room(room.as_str()).await {
        Ok(state) => Read::Seen(Seen::of(&state)),
        Err(Error::RoomNotFound) => Read::Gone,
        Err(error) => {
            tracing::debug!(%error, %room, "a room cannot be read");
            Read::Failed
        }
    }
}

async fn confirm(client: &Client, gates: &Gates, room: &RoomId, known: &BTreeSet<String>) -> Read {
    let _no_join = gates.close(room).await;
    let seen = read(client, room).await;
    if !matches!(&seen, Read::Seen(seen) if seen.confirms_empty(known)) {
        return seen;
    }
    match client.delete_room(room.as_str()).await {
        Ok(()) => {
            tracing::info!(%room, "removed an empty room");
            Read::Gone
        }
        Err(Error::RoomNotFound) => Read::Gone,
        Err(error) => {
            tracing::debug!(%error, %room, "an empty room cannot be removed");
            Read::Failed
        }
    }
}
