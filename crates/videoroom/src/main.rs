//! The `videoroom` binary.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program says when it serves and why it does not start")]

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::anyhow;
use service::limits;
use service::manager::Manager;
use service::program::{self, Stop};
use videoroom::config::{self, Config};
use videoroom::doctor::{self, Verdict};
use videoroom::healthcheck;
use videoroom::product::{self, Product};

/// Says what will not work.
const DOCTOR: &str = "doctor";
/// Asks a running server how it is.
const HEALTHCHECK: &str = "healthcheck";

fn main() -> ExitCode {
    let environment = program::environment();
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let word = program::take_word(&mut arguments, &[DOCTOR, HEALTHCHECK]);
    let config = match config::load(arguments, &environment) {
        Ok(config) => config,
        Err(error) => return program::report(&error),
    };
    let done = match word {
        // These say all there is in their own words.
        Some(DOCTOR) => return examine(&config),
        Some(_) => ask(&config),
        None => {
            service::log::start(&config.log);
            serve(&config, &Manager::find(&environment, std::process::id()))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Every error's own sentence already holds what caused it.
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what will not work.
#[tokio::main]
async fn examine(config: &Config) -> ExitCode {
    let findings = doctor::examine(config).await;
    print!("{}", doctor::table(&findings));
    let broken = findings.iter().any(|finding| finding.verdict == Verdict::Problem);
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Asks a running server how it is.
#[tokio::main(flavor = "current_thread")]
async fn ask(config: &Config) -> anyhow::Result<()> {
    Ok(healthcheck::ask(config).await?)
}

#[tokio::main]
async fn serve(config: &Config, manager: &Manager) -> anyhow::Result<()> {
    limits::raise_open_files();
    let mut stop = Stop::listen().map_err(|error| anyhow!("signals cannot be received: {error}"))?;
    let product = product::start(config).await?;
    announce(config, &product);
    manager.ready();
    // Names are resolved while it serves already.
    let advise = async {
        doctor::log_findings(config).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = stop.requested() => {}
        () = advise => {}
        () = manager.watch(async || product.is_well().await) => {}
    }
    manager.stopping();
    tracing::info!("stopping");
    product.shutdown().await;
    Ok(())
}

/// Says where the page is. Scripts wait for the last line.
fn announce(config: &Config, product: &Product) {
    let backend = product.backend();
    if config.public.url.is_none() {
        for address in backend.links() {
            println!("for others on the network: {address}");
        }
    }
    println!("ready: {}", backend.url());
}
