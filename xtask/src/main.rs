//! Build, run, test and check Videoroom.

mod generate;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies below the repository's root");
    generate::rust(root, &generate::rust_out(root))?;
    generate::typescript(root, &generate::typescript_out(root))
}
