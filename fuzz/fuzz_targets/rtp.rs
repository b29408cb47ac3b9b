#![no_main]

use std::time::Instant;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sfu::fuzzing::rtp(Instant::now(), bytes));
