#![no_main]

use std::cell::RefCell;

use jellyfish::fuzzing::Rest;

thread_local! {
    static SERVER: RefCell<Rest> = RefCell::new(Rest::start(&tempfile::tempdir().expect("a directory").keep()));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    SERVER.with_borrow_mut(|server| server.ask(bytes));
});
