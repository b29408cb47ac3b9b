#![no_main]

libfuzzer_sys::fuzz_target!(|frame: &[u8]| protocol::fuzzing::server_message(frame));
