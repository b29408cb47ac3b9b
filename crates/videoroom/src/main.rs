//! The `videoroom` binary.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program says when it serves and why it does not start")]

use std::process::ExitCode;

use anyhow::anyhow;
use service::program::{self, Stop};
use videoroom::config::{self, Config};
use videoroom::product::{self, Product};

fn main() -> ExitCode {
    let config = match config::load(std::env::args_os(), &program::environment()) {
        Ok(config) => config,
        Err(error) => return program::report(&error),
    };
    service::log::start(&config.log);
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
    let mut stop = Stop::listen().map_err(|error| anyhow!("signals cannot be received: {error}"))?;
    let product = product::start(config).await?;
    announce(config, &product);
    stop.requested().await;
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
