#![no_main]

use std::cell::RefCell;

use videoroom::fuzzing::Backend;

thread_local! {
    static SERVER: RefCell<Backend> = RefCell::new(Backend::start(&tempfile::tempdir().expect("a directory").keep()));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    SERVER.with_borrow_mut(|server| server.ask(bytes));
});
