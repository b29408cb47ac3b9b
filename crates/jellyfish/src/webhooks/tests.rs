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

#[tokio::test(start_paused = true)]
async fn limit_slow_requests_leave_their_places_to_others() {
    let webhooks = webhooks(&CancellationToken::new());
    let post = |needed: Option<Duration>| {
        let webhooks = webhooks.clone();
        tokio::spawn(async move {
            let answer = async {
                match needed {
                    Some(needed) => sleep(needed).await,
                    None => std::future::pending().await,
                }
                Ok(())
            };
            (webhooks.0.in_turn(answer).await, tokio::time::Instant::now())
        })
    };
    let started = tokio::time::Instant::now();
    // Everybody starts when its place is free: the order is that of these lines.
    let hanging: Vec<_> = (0..MAX_REQUESTS).map(|_| post(None)).collect();
    let slow = post(Some(SLOW * 3));
    let quick = post(Some(SLOW / 10));
    let (result, at) = quick.await.unwrap();
    assert!(result.is_ok());
    assert_eq!((at - started).as_millis(), (SLOW + SLOW / 10).as_millis(), "as soon as those before are known to be slow");
    // As many as can be slow at once are: one more is not waited for.
    let (result, at) = slow.await.unwrap();
    assert!(matches!(result, Err(PostError::TimedOut)), "{result:?}");
    assert_eq!((at - started).as_millis(), (SLOW * 2).as_millis());
    assert!(hanging.iter().all(|post| !post.is_finished()), "those that have a place keep it");
    for post in hanging {
        post.abort();
    }
    let (result, _) = post(Some(SLOW * 3)).await.unwrap();
    assert!(result.is_ok(), "a slow receiver is waited for when there is a place");
}
