//! The notifier.

use std::time::Duration;

use server_sdk::{Backoff, Client, Error, Event, Notification, Notifier, RoomConfig, Timing};
use testkit::scripted::{Scripted, TOKEN};

/// Short pauses, and waits that a loaded machine does not exceed by accident.
fn timing() -> Timing {
    Timing { backoff: Backoff { first: Duration::from_millis(5), most: Duration::from_millis(20) }, ..Timing::default() }
}

async fn next(notifier: &mut Notifier) -> Event {
    tokio::time::timeout(Duration::from_secs(15), notifier.next()).await.expect("an event within 15 s").expect("the notifier never ends")
}

async fn expect_missed(notifier: &mut Notifier) {
    let event = next(notifier).await;
    assert!(matches!(event, Event::MayHaveMissed), "{event:?}");
}

/// Skips failed attempts.
async fn expect_reconnection(notifier: &mut Notifier) {
    loop {
        match next(notifier).await {
            Event::Disconnected(_) => {}
            Event::MayHaveMissed => return,
            other => panic!("{other:?} before the signal"),
        }
    }
}

async fn create(client: &Client, id: &str) {
    client.create_room(&RoomConfig { room_id: Some(id.into()), ..RoomConfig::default() }).await.unwrap();
}

async fn expect_created(notifier: &mut Notifier, id: &str) {
    let event = next(notifier).await;
    assert!(matches!(&event, Event::Notification(Notification::RoomCreated { room }) if room == id), "{event:?}");
}

#[tokio::test]
async fn events_flow_and_every_connection_begins_with_the_signal() {
    let server = Scripted::start().await;
    let client = Client::new(&server.url(), TOKEN).unwrap();
    let mut notifier = client.notifier_with(timing());
    expect_missed(&mut notifier).await;
    create(&client, "first").await;
    expect_created(&mut notifier, "first").await;

    server.drop_subscribers();
    expect_reconnection(&mut notifier).await;
    create(&client, "second").await;
    expect_created(&mut notifier, "second").await;
}

#[tokio::test]
async fn it_waits_for_a_server_that_comes_later_and_comes_back() {
    let server = Scripted::start().await;
    let (address, url) = (server.address(), server.url());
    drop(server);
    let client = Client::new(&url, TOKEN).unwrap();
    let mut notifier = client.notifier_with(timing());
    assert!(matches!(next(&mut notifier).await, Event::Disconnected(Error::Transport(_))));

    let server = Scripted::start_at(address).await;
    expect_reconnection(&mut notifier).await;
    drop(server);
    assert!(matches!(next(&mut notifier).await, Event::Disconnected(_)));
    let _server = Scripted::start_at(address).await;
    expect_reconnection(&mut notifier).await;
}

#[tokio::test]
async fn a_wrong_token_is_said() {
    let server = Scripted::start().await;
    let mut notifier = Client::new(&server.url(), "wrong").unwrap().notifier_with(timing());
    let event = next(&mut notifier).await;
    assert!(matches!(event, Event::Disconnected(Error::Unauthorized(_))), "{event:?}");
}

#[tokio::test]
async fn a_silent_connection_is_given_up() {
    let server = Scripted::start().await;
    let client = Client::new(&server.url(), TOKEN).unwrap();
    let short = Timing { ping_after: Duration::from_millis(20), dead_after: Duration::from_millis(200), ..timing() };
    let mut notifier = client.notifier_with(short);
    expect_missed(&mut notifier).await;
    server.set_silent(true);
    let event = next(&mut notifier).await;
    assert!(matches!(&event, Event::Disconnected(Error::Transport(why)) if why.contains("silent")), "{event:?}");
    server.set_silent(false);
    expect_reconnection(&mut notifier).await;
}

#[tokio::test]
async fn pings_keep_a_quiet_connection() {
    let server = Scripted::start().await;
    let client = Client::new(&server.url(), TOKEN).unwrap();
    let short = Timing { ping_after: Duration::from_millis(20), dead_after: Duration::from_secs(5), ..timing() };
    let mut notifier = client.notifier_with(short);
    expect_missed(&mut notifier).await;
    // Many pings fit into this time; the next event must still be the notification, not a disconnection.
    let quiet = tokio::time::timeout(Duration::from_millis(300), notifier.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    create(&client, "after").await;
    expect_created(&mut notifier, "after").await;
}

#[tokio::test]
async fn dropping_it_ends_the_subscription() {
    let server = Scripted::start().await;
    let mut notifier = Client::new(&server.url(), TOKEN).unwrap().notifier_with(timing());
    expect_missed(&mut notifier).await;
    assert_eq!(server.subscribers(), 1);
    drop(notifier);
    testkit::eventually("the subscription ends", async || match server.subscribers() {
        0 => Ok(()),
        left => Err(format!("{left} subscribers left")),
    })
    .await;
}
