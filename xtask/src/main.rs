//! Build, run, test and check Videoroom.
fn main() {}
