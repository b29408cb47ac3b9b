#![no_main]

use std::cell::RefCell;

use testkit::scripted::{Scripted, TOKEN};
use videoroom::fuzzing::Backend;

/// Requests after which the media server has no rooms: its memory is not what is looked for here.
const FRESH: usize = 200;

struct Server {
    backend: Backend,
    media: Scripted,
    requests: usize,
}

impl Server {
    fn start() -> Self {
        let runtime = Backend::runtime();
        let media = runtime.block_on(Scripted::start());
        let data_dir = tempfile::tempdir().expect("a directory").keep();
        Self { backend: Backend::start(runtime, &data_dir, &media.url(), TOKEN), media, requests: 0 }
    }
}

thread_local! {
    static SERVER: RefCell<Server> = RefCell::new(Server::start());
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    SERVER.with_borrow_mut(|server| {
        server.requests += 1;
        if server.requests.is_multiple_of(FRESH) {
            server.media.forget_everything();
        }
        server.backend.ask(bytes);
    });
});
