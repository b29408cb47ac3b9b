//! The media server as a program.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program tells its readiness and why it does not start")]

use std::process::ExitCode;

use jellyfish::config::{self, Config, Loaded};
use service::program::{self, Stop};

fn main() -> ExitCode {
    let Loaded { config, log, remarks } = match config::load(std::env::args_os(), &program::environment()) {
        Ok(loaded) => loaded,
        Err(error) => return program::report(&error),
    };
    service::log::start(&log);
    for remark in remarks {
        tracing::warn!("{remark}");
    }
    run(config)
}

#[tokio::main]
async fn run(config: Config) -> ExitCode {
    match serve(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let mut stop = Stop::listen()?;
    let server = jellyfish::start(config).await?;
    if let Some(file) = server.api_token_file() {
        tracing::info!(file = %file.display(), "no API token was given: the one in this file is used");
    }
    tracing::info!(api = %server.api_addr(), media_port = server.media_port(), "serving");
    println!("ready: {}", server.url());
    stop.requested().await;
    tracing::info!("stopping");
    server.shutdown().await;
    Ok(())
}
