#![allow(clippy::unwrap_used, reason = "a test may panic")]

use testkit::eventually_within;

use super::*;

/// Nobody listens there: the port of a socket that is bound and does not listen.
fn nobody() -> (tokio::net::TcpSocket, String) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let url = format!("http://{}/hook", socket.local_addr().unwrap());
    (socket, url)
}

fn webhooks(closing: &CancellationToken) -> Webhooks {
    let targets = Arc::new(Targets::new(vec!["127.0.0.0/8".parse().unwrap()]));
    let setup = Setup { targets, secret: "secret".to_owned(), closing: closing.clone(), tasks: TaskTracker::new() };
    Webhooks::new(setup).unwrap()
}

async fn until(webhooks: &Webhooks, holds: impl Fn(WebhookStats) -> bool) {
    eventually_within(Duration::from_secs(30), "the figures", async || {
        let stats = webhooks.stats();
        if holds(stats) { Ok(()) } else { Err(format!("{stats:?}")) }
    })
    .await;
}

#[tokio::test]
async fn limit_rooms_that_ended_and_are_not_told() {
    let closing = CancellationToken::new();
    let webhooks = webhooks(&closing);
    let (_bound, url) = nobody();
    let told = Bytes::from_static(b"the end");
    for n in 0..MAX_ENDED + 3 {
        webhooks.open(&n.to_string(), &url, false);
        webhooks.publish(&n.to_string(), true, &told);
    }
    until(&webhooks, |stats| stats.rooms == MAX_ENDED).await;
    let stats = webhooks.stats();
    assert_eq!((stats.dropped, stats.waiting, stats.waiting_bytes), (3, MAX_ENDED, MAX_ENDED * told.len()));
    for n in 0..3 {
        assert!(!lock(&webhooks.0.hooks).contains_key(&n.to_string()), "those that ended first are given up");
    }
    closing.cancel();
    until(&webhooks, |stats| (stats.rooms, stats.waiting, stats.failing) == (0, 0, 0)).await;
}

#[tokio::test]
async fn a_room_of_the_same_name_is_not_given_up_for_the_one_before() {
    let closing = CancellationToken::new();
    let webhooks = webhooks(&closing);
    let (_bound, url) = nobody();
    let told = Bytes::from_static(b"told");
    webhooks.open("again", &url, false);
    webhooks.publish("again", true, &told);
    webhooks.open("again", &url, false);
    webhooks.publish("again", false, &told);
    for n in 0..MAX_ENDED {
        webhooks.open(&n.to_string(), &url, false);
        webhooks.publish(&n.to_string(), true, &told);
    }
    until(&webhooks, |stats| stats.failing == MAX_ENDED + 1).await;
    assert_eq!((webhooks.stats().dropped, webhooks.stats().waiting), (0, MAX_ENDED + 2));
    closing.cancel();
}
