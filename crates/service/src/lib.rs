//! What our programs share around their proper work.
//!
//! - [`settings`]: the table of a program's settings, and their values from flags, environment and file.
//! - [`values`]: kinds of values, each read with a sentence for those that are wrong.
//! - [`tls`]: the settings of a TCP port's encryption.
//! - [`certificates`]: the certificate that a port shows, kept up to date.
//! - [`data_dir`]: secrets that outlive the process.
//! - [`healthcheck`]: asking a running server how it is.
//! - [`limits`]: what the system allows the process.
//! - [`log`]: the settings of the log, and starting it.
//! - [`media_server`]: the settings of a media server, alone or within another program.
//! - [`manager`]: telling the service manager how the program is.
//! - [`program`]: its command words, signals and exit statuses.
//!
//! It knows nothing of meetings, of how media flows, or of any protocol of ours.

pub mod certificates;
pub mod data_dir;
pub mod healthcheck;
pub mod limits;
pub mod log;
pub mod manager;
pub mod media_server;
pub mod program;
pub mod settings;
pub mod tls;
pub mod values;
