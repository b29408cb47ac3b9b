//! Requests that fuzzing starts from or found, and mutations of them, through the real door.

use crate::door::Door;
use crate::replay::replay;
use crate::support::{Server, TOKEN};

/// Requests after which all rooms are removed: the server's limits are not what is looked for here.
const FRESH: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_mutations() {
    let server = Server::start().await;
    let mut door = Door::new(server.addr(), TOKEN);
    let statuses = tokio::task::spawn_blocking(move || {
        let mut statuses = Vec::new();
        replay("rest", 2_000, |bytes| {
            statuses.push(door.knock(bytes));
            if statuses.len() % FRESH == 0 {
                door.delete_rooms();
            }
        });
        door.delete_rooms();
        assert!(door.rooms().is_empty());
        statuses
    });
    let statuses = statuses.await.unwrap();
    for expected in [200, 201, 400, 404] {
        assert!(statuses.contains(&expected), "no request was answered with {expected}");
    }
}
