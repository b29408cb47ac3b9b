#![no_main]

libfuzzer_sys::fuzz_target!(|compound: &[u8]| sfu::fuzzing::rtcp(compound));
