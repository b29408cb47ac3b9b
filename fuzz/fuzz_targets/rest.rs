#![no_main]

use std::sync::{LazyLock, Mutex};

use jellyfish::config::{Config, Metrics, Secret, Tls};
use net::tcp::ListenAddress;
use tokio::runtime::Runtime;

#[path = "../../crates/jellyfish/tests/it/door.rs"]
mod door;

use door::Door;

const TOKEN: &str = "fuzz-token";
/// Requests after which all rooms are removed: the server's limits are not what is looked for here.
const FRESH: usize = 200;

/// A server and its client, for all runs.
struct Place {
    door: Door,
    requests: usize,
    _runtime: Runtime,
    _data: tempfile::TempDir,
}

static PLACE: LazyLock<Mutex<Place>> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let data = tempfile::tempdir().expect("a directory");
    let config = Config {
        listen: ListenAddress::One(([127, 0, 0, 1], 0).into()),
        media_port: 0,
        api_token: Some(Secret(TOKEN.to_owned())),
        data_dir: data.path().to_owned(),
        tls: Tls::Off,
        workers: 1,
        metrics: Metrics::Off,
        ..Config::default()
    };
    let running = runtime.block_on(jellyfish::start(config)).expect("the server starts");
    let door = Door::new(running.api_addr(), TOKEN);
    // It serves until the process ends.
    std::mem::forget(running);
    Mutex::new(Place { door, requests: 0, _runtime: runtime, _data: data })
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut place = PLACE.lock().expect("one run after the other");
    place.door.knock(bytes);
    place.requests += 1;
    if place.requests % FRESH == 0 {
        place.door.delete_rooms();
    }
});
