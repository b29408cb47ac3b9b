#![no_main]

libfuzzer_sys::fuzz_target!(|frame: &[u8]| protocol::fuzzing::peer_message(frame));
