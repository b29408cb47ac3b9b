#![no_main]

use std::time::Instant;

libfuzzer_sys::fuzz_target!(
    // The engine contains panics of the WebRTC library; only one that leaves the target is a finding.
    init: std::panic::set_hook(Box::new(|panic| println!("{panic}"))),
    |bytes: &[u8]| sfu::fuzzing::media(Instant::now(), bytes)
);
