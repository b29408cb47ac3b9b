//! The log: its settings, and starting it.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::settings::{Setting, SettingError, Sources};
use crate::values::choice;

/// `--log-level`, for a program's table.
pub const fn level_setting(group: &'static str) -> Setting {
    Setting::one(group, "log-level", "LEVEL", "error, warn, info, debug or trace, or filters such as info,net=debug [default: info]")
}

/// `--log-format`, for a program's table.
pub const fn format_setting(group: &'static str) -> Setting {
    Setting::one(group, "log-format", "text|json", "Form of the log, which goes to standard error [default: text]")
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A level, or filters as `tracing-subscriber` reads them.
    pub filter: String,
    /// Its form.
    pub format: LogFormat,
}

/// Reads the two settings.
pub fn read(sources: &Sources) -> Result<Log, SettingError> {
    let filter = sources.read("log-level", |text| match text.parse::<EnvFilter>() {
        Ok(_) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("\"{text}\" is none of error, warn, info, debug, trace")),
    })?;
    let format = sources.read("log-format", |text| choice(text, &[("text", LogFormat::Text), ("json", LogFormat::Json)]))?;
    Ok(Log { filter: filter.unwrap_or_else(|| "info".to_owned()), format: format.unwrap_or(LogFormat::Text) })
}

/// Starts logging to standard error for the process. Only the first call counts.
pub fn start(log: &Log) {
    // The configuration has proven that the filter can be read.
    let filter = EnvFilter::new(&log.filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match log.format {
        LogFormat::Text => builder.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    if let Err(error) = started {
        tracing::debug!(%error, "logging was started before");
    }
}
