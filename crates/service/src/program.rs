//! The frame of a program: its environment, why it does not start, and how it is told to end.

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::settings::LoadError;

/// Exit status for a wrong flag, variable or key.
pub const WRONG_SETTING: u8 = 2;

/// The environment of the process; variables that are no Unicode are left out.
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

/// Takes the command out of the arguments: the first word, if it is one of these.
pub fn take_word(arguments: &mut Vec<OsString>, words: &[&'static str]) -> Option<&'static str> {
    let given = arguments.get(1)?.to_str()?;
    let word = words.iter().find(|word| **word == given)?;
    arguments.remove(1);
    Some(word)
}

/// Says why there is no configuration, or prints the help or version that was asked for. The exit status that goes with it.
#[allow(clippy::print_stderr, reason = "logging starts after the configuration")]
pub fn report(error: &LoadError) -> ExitCode {
    match error {
        LoadError::CommandLine(error) if error.use_stderr() => eprintln!("{}", sentence(error)),
        // Help and version are such errors too, with the exit status of success.
        LoadError::CommandLine(error) => return if error.print().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE },
        LoadError::Value(error) => eprintln!("error: {error}"),
    }
    ExitCode::from(WRONG_SETTING)
}

/// What is wrong with a command line: the parser's own sentence and its tips, without the usage.
fn sentence(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim);
    let sentence = lines.next().unwrap_or_default().to_owned();
    lines.filter(|line| line.starts_with("tip: ")).fold(sentence, |all, tip| format!("{all}\n  {tip}"))
}

/// The signals that end a program.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// Starts listening, on the current tokio runtime. Call it before anything starts, so that no signal is lost.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for SIGTERM or SIGINT.
    pub async fn requested(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
