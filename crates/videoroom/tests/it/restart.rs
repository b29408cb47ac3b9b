//! The process dies and comes back.

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::program::{LOOPBACK, Process};
use crate::support::{Access, PeerSocket};

/// People of one office, behind one address.
const PEOPLE: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_office_comes_back_at_once_after_each_of_three_crashes() {
    let data = TempDir::new().unwrap();
    let mut process = Process::start(data.path(), &LOOPBACK);
    let address = process.address().to_string();
    let mut identities: Vec<String> = Vec::new();
    for crash in 0..4 {
        let web = process.web();
        let joins = (0..PEOPLE).map(|number| {
            let body = json!({"name": format!("Person {number}"), "identity": identities.get(number)});
            let web = &web;
            async move { Access::read(&web.post_join("office", &body).await) }
        });
        let access = join_all(joins).await;
        let sockets: Vec<PeerSocket> = join_all(access.iter().map(PeerSocket::connect)).await.into_iter().map(Result::unwrap).collect();
        let known = std::mem::replace(&mut identities, access.into_iter().map(|access| access.identity).collect());
        assert!(crash == 0 || known == identities, "everybody is who they were");
        let room = web.get("/api/rooms/office").await.json();
        assert_eq!(room["people"].as_array().unwrap().len(), PEOPLE, "nobody is there twice: {room}");
        process.crash();
        drop(sockets);
        process = Process::start(data.path(), &["--listen", &address, "--api-listen", "127.0.0.1:0"]);
    }
    process.end(Signal::SIGTERM).await;
}
