//! The media server as a program.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program tells its readiness and why it does not start")]

use std::ffi::OsString;
use std::process::ExitCode;

use jellyfish::config::{self, Config, Loaded};
use jellyfish::healthcheck;
use service::limits;
use service::manager::Manager;
use service::program::{self, Stop};

/// Asks a running server how it is.
const HEALTHCHECK: &str = "healthcheck";

fn main() -> ExitCode {
    let environment = program::environment();
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let word = program::take_word(&mut arguments, &[HEALTHCHECK]);
    let Loaded { config, log, remarks } = match config::load(arguments, &environment) {
        Ok(loaded) => loaded,
        Err(error) => return program::report(&error),
    };
    let done = if word.is_some() {
        ask(&config)
    } else {
        service::log::start(&log);
        for remark in remarks {
            tracing::warn!("{remark}");
        }
        serve(config, &Manager::find(&environment, std::process::id()))
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn ask(config: &Config) -> anyhow::Result<()> {
    Ok(healthcheck::ask(config).await?)
}

#[tokio::main]
async fn serve(config: Config, manager: &Manager) -> anyhow::Result<()> {
    limits::raise_open_files();
    let mut stop = Stop::listen()?;
    let server = jellyfish::start(config).await?;
    if let Some(file) = server.api_token_file() {
        tracing::info!(file = %file.display(), "no API token was given: the one in this file is used");
    }
    tracing::info!(api = %server.api_addr(), media_port = server.media_port(), "serving");
    println!("ready: {}", server.url());
    manager.ready();
    tokio::select! {
        () = stop.requested() => {}
        () = manager.watch(async || server.is_well().await) => {}
    }
    manager.stopping();
    tracing::info!("stopping");
    server.shutdown().await;
    Ok(())
}
