#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Mutex;

use axum::Router;
use axum::response::Redirect;
use axum::routing::post;
use tokio::net::TcpListener;

use super::*;

/// A receiver at an address of this machine; what it was sent.
async fn receiver(address: &str) -> (SocketAddr, Arc<Mutex<Vec<Bytes>>>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let received = Arc::clone(&received);
        move |body: Bytes| {
            received.lock().unwrap().push(body);
            std::future::ready(())
        }
    };
    // Its connections close: each request looks the name up again.
    let routes = Router::new().route("/", post(hook)).route("/away", post(|| async { Redirect::temporary("http://127.0.0.1:1/") })).layer(
        axum::middleware::map_response(|mut response: axum::response::Response| async {
            response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
            response
        }),
    );
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (address, received)
}

/// A name service whose answers change with each question.
fn changing(answers: &[&[&str]]) -> Lookup {
    let answers: Vec<Vec<SocketAddr>> =
        answers.iter().map(|ips| ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect()).collect();
    let answers = Mutex::new(answers.into_iter());
    Arc::new(move |_| {
        let answer = answers.lock().unwrap().next();
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("asked too often")) })
    })
}

fn poster(allowed: &[&str], lookup: Lookup) -> Poster {
    let targets = Targets::new(allowed.iter().map(|network| network.parse().unwrap()).collect());
    Poster::new(Arc::new(targets), "secret", lookup).unwrap()
}

fn delivery(frames: &[&'static [u8]]) -> Delivery {
    Delivery { sequence: 7, frames: frames.iter().map(|frame| Bytes::from_static(frame)).collect() }
}

#[tokio::test]
async fn a_name_that_turns_to_a_refused_address_is_refused_there() {
    let (allowed, received) = receiver("127.0.0.2:0").await;
    // The refused address has a receiver, too, on the same port.
    let (_, inside) = receiver(&format!("127.0.0.1:{}", allowed.port())).await;
    let poster = poster(&["127.0.0.2"], changing(&[&["127.0.0.2"], &["127.0.0.1"], &["127.0.0.1", "127.0.0.2"]]));
    let url: Url = format!("http://hook.example.org:{}/", allowed.port()).parse().unwrap();
    assert_eq!(poster.post(&url, &delivery(&[b"a"])).await, Ok(()));
    assert_eq!(poster.post(&url, &delivery(&[b"b"])).await, Err(PostError::Refused));
    assert_eq!(poster.post(&url, &delivery(&[b"c"])).await, Ok(()), "the address that is allowed is used");
    assert_eq!(*received.lock().unwrap(), [b"a".as_slice(), b"c"]);
    assert!(inside.lock().unwrap().is_empty());
    assert_eq!(poster.post(&url, &delivery(&[b"d"])).await, Err(PostError::Unreachable), "looked up once for each connection");
}

#[tokio::test]
async fn literal_addresses_are_checked_at_each_attempt() {
    let (address, received) = receiver("127.0.0.1:0").await;
    let url: Url = format!("http://{address}/").parse().unwrap();
    assert_eq!(poster(&[], changing(&[])).post(&url, &delivery(&[b"a"])).await, Err(PostError::Refused));
    assert_eq!(poster(&["127.0.0.0/8"], changing(&[])).post(&url, &delivery(&[b"a"])).await, Ok(()));
    assert_eq!(received.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn redirects_are_failures_and_not_followed() {
    let (address, _) = receiver("127.0.0.1:0").await;
    let poster = poster(&["127.0.0.0/8"], changing(&[]));
    let url: Url = format!("http://{address}/away").parse().unwrap();
    assert_eq!(poster.post(&url, &delivery(&[b"a"])).await, Err(PostError::Status(307)));
    let absent: Url = format!("http://{address}/absent").parse().unwrap();
    assert_eq!(poster.post(&absent, &delivery(&[b"a"])).await, Err(PostError::Status(404)));
}

#[tokio::test]
async fn receivers_that_answer_nothing_or_nonsense_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let poster = poster(&["127.0.0.0/8"], changing(&[]));
    tokio::spawn(async move {
        let (mut nonsense, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut nonsense, b"nonsense\r\n\r\n").await.unwrap();
        drop(nonsense);
        drop(listener);
    });
    assert_eq!(poster.post(&url, &delivery(&[b"a"])).await, Err(PostError::Broken));
    assert_eq!(poster.post(&url, &delivery(&[b"a"])).await, Err(PostError::Unreachable));
}
