//! Build, run, test and check Videoroom: `cargo xtask help`.
#![allow(clippy::print_stdout, reason = "a command line tool speaks on standard output")]

mod bench;
mod build;
mod check;
mod generate;
mod packages;
mod process;
mod sdk;
mod test;
mod wire;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Build, run, test and check Videoroom.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the page and the release binaries, then start `videoroom` with the flags after `--`
    Run {
        /// Flags for `videoroom`
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Build the page and the release binaries: `videoroom` and `jellyfish` in the target directory's `release`
    Build,
    /// Install what the tests need, then run all of them, browsers included
    Test {
        /// Only these parts
        #[arg(value_enum)]
        parts: Vec<test::Part>,
    },
    /// Formatting, lints, architecture rules, generated files, licences
    Check {
        /// Only these rules
        #[arg(value_enum)]
        rules: Vec<check::Rule>,
    },
    /// Write the generated files anew: protobuf types, OpenAPI documents
    Gen,
    /// Measure the release build and print the figures of docs/benchmarks.md
    Bench {
        /// Only these parts
        #[arg(value_enum)]
        parts: Vec<bench::Part>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let workspace = Workspace::locate()?;
    match arguments.command {
        Task::Run { flags } => build::run_videoroom(&workspace, &flags),
        Task::Build => build::release(&workspace),
        Task::Test { parts } => test::run(&workspace, &parts),
        Task::Check { rules } => check::run(&workspace, &rules),
        Task::Gen => generate::all(&workspace),
        Task::Bench { parts } => bench::run_parts(&workspace, &parts),
    }
}
