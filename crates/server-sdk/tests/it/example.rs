//! The examples run as they are shown.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use testkit::eventually;
use testkit::scripted::{Scripted, TOKEN};

#[tokio::test]
async fn the_example_makes_a_room_and_ends_with_it() {
    let server = Scripted::start().await;
    let mut program = Command::new(example("rooms")).args([&server.url(), TOKEN]).stdout(Stdio::piped()).spawn().unwrap();
    let room = eventually("the example's room with two peers", async || match server.rooms().as_slice() {
        [room] if room.peers.len() == 2 && server.subscribers() == 1 => Ok(room.id.clone()),
        rooms => Err(format!("{rooms:?}")),
    })
    .await;
    // Its reading of the room and this deletion may come in any order: it ends in both cases.
    server.delete_room(&room);
    let status = eventually("the example ends", async || program.try_wait().unwrap().ok_or("still running".to_owned())).await;
    assert!(status.success());
    let output = program.wait_with_output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().filter(|line| line.starts_with("peer ")).count(), 2, "{output}");
}

#[tokio::test]
async fn every_call_works_against_our_server() {
    for (name, lines) in [
        (
            "every_call",
            &[
                "the token is right",
                "the server is UP",
                "another token: true",
                "the audience gets all tracks of one peer",
                "2 peers in the room, 1 rooms",
                "told: PeerAdded",
                "told: the room is deleted",
                "a report of 0 rooms",
            ][..],
        ),
        (
            "components",
            &["play a file: the media server has no components of this kind", "list recordings: done", "delete a recording: the recording"],
        ),
        (
            "streams",
            &[
                "add an agent: the media server does not offer this",
                "add a call: the media server does not offer this",
                "stream into a room: the media server does not offer this",
                "list livestreams: done",
                "use MoQ: the media server does",
                "0 of a class",
                "record a scene of its own: the media server does",
            ],
        ),
    ] {
        let data = tempfile::tempdir().unwrap();
        let server = testkit::servers::jellyfish(data.path(), None).await;
        let url = format!("http://{}", server.api_addr());
        let program = Command::new(example(name)).args([&url, testkit::servers::API_TOKEN]).stdout(Stdio::piped()).spawn().unwrap();
        let output = tokio::task::spawn_blocking(|| program.wait_with_output().unwrap()).await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{name}: {text}");
        for line in lines {
            assert!(text.contains(line), "{name}: no \"{line}\" in: {text}");
        }
        server.shutdown().await;
    }
}

/// Cargo builds examples before integration tests, next to them.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(|deps| deps.parent()).unwrap().join("examples").join(name)
}
