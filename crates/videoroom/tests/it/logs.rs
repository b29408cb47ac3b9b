//! What the log says about people, and what not.

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::meeting::{CLIENT, MEDIA, Meeting};
use crate::program::{LOOPBACK, Process};

const ROOM: &str = "Board of Acme";
const NAMES: [&str; 2] = ["Anastasia Q", "Bartholomew R"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_leaves_ids_in_the_log_and_nothing_private() {
    for format in ["text", "json"] {
        let data = TempDir::new().unwrap();
        let process = Process::start(data.path(), &[&LOOPBACK[..], &["--log-format", format]].concat());
        let meeting = Meeting::start(&process.web(), ROOM, NAMES).await;
        let access = meeting.people.each_ref().map(|(access, _)| access.clone());
        meeting.end().await;
        let log = process.end(Signal::SIGTERM).await;
        assert!(!log.lines().any(|line| line.contains("INFO") && line.contains("doctor")), "only problems of the machine: {log}");
        let secrets = access.iter().flat_map(|access| [&access.token, &access.identity]).map(String::as_str);
        let media = MEDIA.to_string();
        for private in secrets.chain(NAMES).chain([ROOM, "Board%20of%20Acme", CLIENT, &media]) {
            assert!(!log.contains(private), "{private} in {log}");
        }
        let room = crate::support::id(ROOM);
        for about in ["let in", "media flows", "client's socket ended"] {
            let lines: Vec<&str> = log.lines().filter(|line| line.contains(about)).collect();
            assert_eq!(lines.len(), 2, "one for each person about {about:?} in {log}");
            for (line, access) in lines.iter().flat_map(|line| access.iter().map(move |access| (line, access))) {
                assert!(line.contains(&room), "{room} in {line}");
                assert!(lines.iter().any(|line| line.contains(&access.peer)), "{} in {lines:?}", access.peer);
            }
        }
        if format == "json" {
            for line in log.lines() {
                serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            }
        }
    }
}
