#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| jellyfish::fuzzing::webhook_url(bytes));
