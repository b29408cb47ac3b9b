//! What our programs share around their proper work.
//!
//! - [`settings`]: the table of a program's settings, and their values from flags, environment and file.
//! - [`values`]: kinds of values, each read with a sentence for those that are wrong.
//! - [`tls`]: the settings of a TCP port's encryption.
//! - [`certificates`]: the certificate that a port shows, kept up to date.
//! - [`data_dir`]: secrets that outlive the process.
//! - [`log`]: the settings of the log, and starting it.
//! - [`manager`]: telling the service manager how the program is.
//! - [`program`]: signals and exit statuses.
//!
//! It knows nothing of meetings, media or any protocol.

pub mod certificates;
pub mod data_dir;
pub mod log;
pub mod manager;
pub mod program;
pub mod settings;
pub mod tls;
pub mod values;
