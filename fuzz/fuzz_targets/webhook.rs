#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| server_sdk::fuzzing::webhook(bytes));
