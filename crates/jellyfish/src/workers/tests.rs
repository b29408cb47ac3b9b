//! The inboxes of workers, without workers.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::SocketAddr;
use std::time::Instant;

use futures_util::FutureExt as _;
use sfu::Flow;
use tokio::task::unconstrained;

use super::inbox::HandedOver;
use super::*;
use crate::placement::LocalPlacement;

#[test]
fn limit_datagrams_waiting_for_another_worker() {
    let (handed_over, mut inbox) = mpsc::channel(MAX_HANDED_OVER);
    let (_poller, waker) = worker::poller().unwrap();
    let sibling = Sibling { handed_over, waker };
    let mut counters = Counters::default();
    let hand_over = |counters: &mut Counters| {
        let local = SocketAddr::from(([127, 0, 0, 1], 1));
        let datagram = HandedOver { local, flow: Flow::Udp { local, remote: local }, received_at: Instant::now(), payload: [1].into() };
        sibling.hand_over(datagram, counters);
    };
    for _ in 0..MAX_HANDED_OVER + 3 {
        hand_over(&mut counters);
    }
    assert_eq!((counters.handed_over_out, counters.handover_dropped), (MAX_HANDED_OVER as u64, 3));
    inbox.try_recv().unwrap();
    hand_over(&mut counters);
    assert_eq!((counters.handed_over_out, counters.handover_dropped), (MAX_HANDED_OVER as u64 + 1, 3));
}

#[test]
fn limit_requests_waiting_for_a_worker() {
    let (workers, mut inbox, placement) = idle_worker(1);
    let room = RoomId::from("room");
    placement.place(&room).unwrap();
    let command = || workers.tell(RoomCommand::Room { room: room.clone() });
    for _ in 0..MAX_REQUESTS {
        command().now_or_never().expect("there is room for it");
    }
    assert!(command().now_or_never().is_none(), "whoever asks waits");
    inbox.try_recv().unwrap();
    command().now_or_never().expect("there is room again");
}

/// One worker that only reads its inbox when told, and its placement.
fn idle_worker(max_rooms: usize) -> (Workers, mpsc::Receiver<Request>, Arc<LocalPlacement>) {
    let (requests, inbox) = mpsc::channel(MAX_REQUESTS);
    let (_poller, waker) = worker::poller().unwrap();
    let placement = Arc::new(LocalPlacement::new(1, max_rooms));
    let shared: Arc<dyn Placement> = Arc::<LocalPlacement>::clone(&placement);
    (Workers { handles: vec![Handle { requests, waker }], threads: Mutex::default(), placement: shared }, inbox, placement)
}

#[tokio::test]
async fn a_room_that_breaks_while_it_is_created_gives_up_its_place_once() {
    for answer in [Some(RoomError::Crashed), None] {
        let (workers, mut inbox, placement) = idle_worker(2);
        let room = RoomId::from("room");
        let (created, again) = tokio::join!(workers.create_room(room.clone(), RoomSettings::default()), async {
            let Some(Request::Command { reply, attached, .. }) = inbox.recv().await else { panic!("no command") };
            // As a worker does: it gives the place up before it answers, or loses the answer when its loop breaks. Somebody else
            // gets the id in between.
            placement.release(&room);
            let again = placement.place(&room).unwrap();
            drop(attached);
            let reply = reply.unwrap();
            match answer {
                Some(error) => reply.send(Err(error)).unwrap(),
                None => drop(reply),
            }
            again
        });
        created.unwrap_err();
        assert_eq!(placement.find(&room), Some(again));
    }
}

#[tokio::test]
async fn a_request_for_a_room_that_is_given_up_leaves_no_place_behind() {
    let (workers, mut inbox, placement) = idle_worker(2);
    let other = RoomId::from("other");
    placement.place(&other).unwrap();
    for _ in 0..MAX_REQUESTS {
        workers.tell(RoomCommand::Room { room: other.clone() }).await;
    }
    let room = RoomId::from("room");
    // Unconstrained: only the inbox makes anybody wait.
    let create = || unconstrained(workers.create_room(room.clone(), RoomSettings::default()));
    {
        let mut waiting = std::pin::pin!(create());
        assert!(futures_util::poll!(waiting.as_mut()).is_pending(), "the inbox is full");
        assert!(placement.find(&room).is_some());
    }
    assert_eq!(placement.find(&room), None, "given up before the worker heard of it");

    inbox.try_recv().unwrap();
    assert!(create().now_or_never().is_none(), "the worker has not answered");
    assert!(placement.find(&room).is_some(), "the worker will make it, whoever waits");
    drop(inbox);
    assert_eq!(placement.find(&room), None, "the worker ended before it did");
}
