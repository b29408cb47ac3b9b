//! The `videoroom` binary.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program says when it serves and why it does not start")]

use std::process::ExitCode;

use anyhow::anyhow;
use tokio::signal::unix::{SignalKind, signal};
use videoroom::config::{self, Config, LoadError};
use videoroom::product::{self, Product};
use videoroom::server;

/// Exit status for a wrong flag or setting.
const WRONG_SETTING: u8 = 2;

fn main() -> ExitCode {
    let environment: Vec<(String, String)> =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
    let config = match config::load(std::env::args_os(), &environment) {
        Ok(config) => config,
        Err(LoadError::CommandLine(error)) if error.use_stderr() => {
            eprintln!("{}", jellyfish::config::command_line_sentence(&error));
            return ExitCode::from(WRONG_SETTING);
        }
        Err(LoadError::CommandLine(error)) => {
            // Help and version are such errors too, with the exit status of success.
            return match error.print() {
                Ok(()) => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(WRONG_SETTING)),
                Err(_) => ExitCode::FAILURE,
            };
        }
        Err(LoadError::Value(error)) => {
            eprintln!("error: {error}");
            return ExitCode::from(WRONG_SETTING);
        }
    };
    videoroom::start_log(&config.log);
    match run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Every error's own sentence already holds what caused it.
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(config: &Config) -> anyhow::Result<()> {
    let unheard = |error: std::io::Error| anyhow!("signals cannot be received: {error}");
    // Before anything starts, so that no signal is lost.
    let mut terminate = signal(SignalKind::terminate()).map_err(unheard)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unheard)?;
    let product = product::start(config).await?;
    announce(config, &product);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    product.shutdown().await;
    Ok(())
}

/// Says where the page is. Scripts wait for the last line.
fn announce(config: &Config, product: &Product) {
    let backend = product.backend();
    for address in server::network_addresses(config, backend.local_addr()) {
        println!("for others on the network: {address}");
    }
    println!("ready: {}", backend.url());
}
