//! The settings of a TCP port's encryption.

use std::path::{Path, PathBuf};

use net::tcp::{ServerTls, TlsError};

use crate::settings::{Setting, SettingError, Sources};
use crate::values::{choice, path};

/// `--tls-cert`, for a program's table. `--tls` itself has a help of each program's own.
pub const fn certificate_setting(group: &'static str) -> Setting {
    Setting::one(group, "tls-cert", "FILE", "Certificate chain, PEM; together with --tls-key")
}

/// `--tls-key`, for a program's table.
pub const fn key_setting(group: &'static str) -> Setting {
    Setting::one(group, "tls-key", "FILE", "Private key of the certificate, PEM")
}

/// Encryption of a TCP port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// HTTP only.
    Off,
    /// HTTP and HTTPS with a self-signed certificate, kept in the data directory.
    SelfSigned,
    /// HTTP and HTTPS with this certificate.
    Files {
        /// Certificate chain, PEM.
        certificate: PathBuf,
        /// Private key, PEM.
        key: PathBuf,
    },
}

impl Tls {
    /// Whether HTTPS is spoken at all.
    pub fn is_on(&self) -> bool {
        *self != Self::Off
    }
}

/// Reads the settings.
pub fn read(sources: &Sources) -> Result<Tls, SettingError> {
    let on = sources.read("tls", |text| choice(text, &[("auto", true), ("off", false)]))?;
    let certificate = ["tls-cert", "tls-key"].into_iter().find(|name| sources.given(name).is_some());
    if let (Some(false), Some(name)) = (on, certificate) {
        return Err(sources.problem("tls", &format!("it is off although --{name} is given; leave one of them out")));
    }
    Ok(match read_files(sources)? {
        Some((certificate, key)) => Tls::Files { certificate, key },
        None if on == Some(false) => Tls::Off,
        None => Tls::SelfSigned,
    })
}

fn read_files(sources: &Sources) -> Result<Option<(PathBuf, PathBuf)>, SettingError> {
    match (sources.read("tls-cert", path)?, sources.read("tls-key", path)?) {
        (Some(_), None) => Err(sources.problem("tls-cert", "--tls-key, the certificate's private key, is missing")),
        (None, Some(_)) => Err(sources.problem("tls-key", "--tls-cert, the key's certificate, is missing")),
        (Some(certificate), Some(key)) => {
            check_files(sources, &certificate, &key)?;
            Ok(Some((certificate, key)))
        }
        (None, None) => Ok(None),
    }
}

/// Proves that certificate and key can be used, so that a wrong file is a wrong value of the setting that names it.
fn check_files(sources: &Sources, certificate: &Path, key: &Path) -> Result<(), SettingError> {
    let Err(error) = ServerTls::from_pem_files(certificate, key) else { return Ok(()) };
    let wrong_key = match &error {
        TlsError::NoKey => true,
        TlsError::Unreadable { path, .. } => path != certificate,
        _ => false,
    };
    let (name, path) = if wrong_key { ("tls-key", key) } else { ("tls-cert", certificate) };
    let message = match error {
        TlsError::Unreadable { .. } => error.to_string(),
        _ => format!("{}: {error}", path.display()),
    };
    Err(sources.problem(name, &message))
}
