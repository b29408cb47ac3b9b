//! Rebuilds when the page was built anew. It runs no other tool: the page is built by `cargo xtask`, or not at all.

#![allow(clippy::print_stdout, reason = "cargo reads standard output")]

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../../web/app/dist");
}
