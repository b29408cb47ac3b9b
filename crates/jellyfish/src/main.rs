//! The media server as a program.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program tells its readiness and why it does not start")]

use std::process::ExitCode;

use jellyfish::config::{self, Config, LoadError, Log, LogFormat};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A wrong flag or configuration.
const WRONG_CONFIGURATION: u8 = 2;

fn main() -> ExitCode {
    match config::load(std::env::args_os(), &|name| std::env::var(name).ok()) {
        Ok((config, log)) => {
            start_log(&log);
            let names = std::env::vars_os().filter(|(_, value)| !value.is_empty()).filter_map(|(name, _)| name.into_string().ok());
            if let Some(remark) = config::archived_variables(names) {
                tracing::warn!("{remark}");
            }
            run(config)
        }
        Err(LoadError::CommandLine(error)) if error.use_stderr() => {
            eprintln!("{}", config::command_line_sentence(&error));
            ExitCode::from(WRONG_CONFIGURATION)
        }
        Err(LoadError::CommandLine(error)) => {
            // Help and version are such errors, too, with the exit status of success.
            let printed = error.print();
            if printed.is_err() { ExitCode::FAILURE } else { ExitCode::from(error.exit_code() as u8) }
        }
        Err(LoadError::Value(error)) => {
            eprintln!("error: {error}");
            ExitCode::from(WRONG_CONFIGURATION)
        }
    }
}

fn start_log(log: &Log) {
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let builder =
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(is_terminal).with_env_filter(EnvFilter::new(&log.filter));
    match log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
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
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let server = jellyfish::start(config).await?;
    if let Some(file) = server.api_token_file() {
        tracing::info!(file = %file.display(), "no API token was given: the one in this file is used");
    }
    tracing::info!(api = %server.api_addr(), media_port = server.media_port(), "serving");
    println!("ready: {}", server.url());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    server.shutdown().await;
    Ok(())
}
