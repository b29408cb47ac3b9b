//! The settings of a TCP port's encryption.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use net::tcp::{ServerTls, TlsError};

use crate::certificates::roots;
use crate::settings::{Setting, SettingError, Sources};
use crate::values::{choice, is_host_name, path};

/// `--tls-cert`, for a program's table. `--tls` itself has a help of each program's own.
pub const fn certificate_setting(group: &'static str) -> Setting {
    Setting::one(group, "tls-cert", "FILE", "Certificate chain, PEM; together with --tls-key")
}

/// `--tls-key`, for a program's table.
pub const fn key_setting(group: &'static str) -> Setting {
    Setting::one(group, "tls-key", "FILE", "Private key of the certificate, PEM")
}

/// `--tls-domain` and what goes with it, for a program's table.
pub const fn domain_setting(group: &'static str) -> Setting {
    Setting::many(
        group,
        "tls-domain",
        "NAME",
        "Get and renew a certificate for this name by ACME, from Let's Encrypt unless told otherwise, whose terms of service you \
         accept with it; port 443 of the name must lead to this TCP port",
    )
}

/// `--acme-email`, for a program's table.
pub const fn email_setting(group: &'static str) -> Setting {
    Setting::one(group, "acme-email", "MAIL", "Address at which the certificate authority may warn you")
}

/// `--acme-staging`, for a program's table.
pub const fn staging_setting(group: &'static str) -> Setting {
    Setting::switch(group, "acme-staging", "For trying out: certificates that no browser trusts, from Let's Encrypt's staging server")
}

/// `--acme-directory`, for a program's table.
pub const fn directory_setting(group: &'static str) -> Setting {
    Setting::one(group, "acme-directory", "URL", "Another certificate authority, by the address of its ACME directory")
}

/// `--acme-ca-file`, for a program's table.
pub const fn ca_file_setting(group: &'static str) -> Setting {
    Setting::one(group, "acme-ca-file", "FILE", "Certificates, PEM, by which to trust that authority's own HTTPS [default: public ones]")
}

/// Where Let's Encrypt takes orders.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// The same for trying out.
const LETS_ENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

/// A certificate by ACME (RFC 8555).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acme {
    /// The names, at least one.
    pub domains: Vec<String>,
    /// Address of the authority's directory.
    pub directory: String,
    /// Where the authority may write to.
    pub email: Option<String>,
    /// Certificates, PEM, that the authority's own HTTPS is trusted by instead of the public ones.
    pub ca_file: Option<PathBuf>,
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
    /// HTTP and HTTPS with a certificate by ACME; until it is there, with the self-signed one.
    Acme(Acme),
}

impl Tls {
    /// Whether HTTPS is spoken at all.
    pub fn is_on(&self) -> bool {
        *self != Self::Off
    }

    /// The names that a certificate was asked for.
    pub fn domains(&self) -> &[String] {
        match self {
            Self::Acme(acme) => &acme.domains,
            _ => &[],
        }
    }
}

/// Reads the settings.
pub fn read(sources: &Sources) -> Result<Tls, SettingError> {
    let on = sources.read("tls", |text| choice(text, &[("auto", true), ("off", false)]))?;
    let certificate = ["tls-cert", "tls-key", "tls-domain"].into_iter().find(|name| sources.given(name).is_some());
    if let (Some(false), Some(name)) = (on, certificate) {
        return Err(sources.problem("tls", &format!("it is off although --{name} is given; leave one of them out")));
    }
    match (read_files(sources)?, read_acme(sources)?) {
        (Some(_), Some(_)) => Err(sources.problem("tls-domain", "--tls-cert is given too; leave one of them out")),
        (Some((certificate, key)), None) => Ok(Tls::Files { certificate, key }),
        (None, Some(acme)) => Ok(Tls::Acme(acme)),
        (None, None) => Ok(if on == Some(false) { Tls::Off } else { Tls::SelfSigned }),
    }
}

/// A sentence for each setting that has no effect.
pub fn remarks(tls: &Tls, sources: &Sources) -> Vec<String> {
    if matches!(tls, Tls::Acme(_)) {
        return Vec::new();
    }
    let idle = ["acme-email", "acme-staging", "acme-directory", "acme-ca-file"];
    let given = idle.iter().filter_map(|name| sources.given(name));
    given.map(|origin| format!("{origin} has no effect: without --tls-domain no certificate is asked for")).collect()
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

fn read_acme(sources: &Sources) -> Result<Option<Acme>, SettingError> {
    let domains = sources.read_all("tls-domain", domain)?.unwrap_or_default();
    if domains.is_empty() {
        return Ok(None);
    }
    let directory = sources.read("acme-directory", directory)?;
    let staging = sources.switch("acme-staging")?;
    if staging && directory.is_some() {
        return Err(sources.problem("acme-staging", "--acme-directory is given too; leave one of them out"));
    }
    let usual = if staging { LETS_ENCRYPT_STAGING } else { LETS_ENCRYPT };
    Ok(Some(Acme {
        domains,
        directory: directory.unwrap_or_else(|| usual.to_owned()),
        email: sources.read("acme-email", email)?,
        ca_file: sources.read("acme-ca-file", ca_file)?,
    }))
}

/// A name that authorities give certificates for.
fn domain(text: &str) -> Result<String, String> {
    if text.starts_with("*.") {
        return Err(format!("\"{text}\" stands for many names, which cannot be proven this way; name each"));
    }
    if text.parse::<IpAddr>().is_ok() || !is_host_name(text) {
        return Err(format!("\"{text}\" is no host name such as meet.example.org (others than ASCII letters as xn--…)"));
    }
    Ok(text.to_ascii_lowercase())
}

fn directory(text: &str) -> Result<String, String> {
    let uri = text.parse::<http::Uri>().ok().filter(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
    uri.map(|_| text.to_owned()).ok_or_else(|| format!("\"{text}\" is no address such as {LETS_ENCRYPT}"))
}

/// A file with certificates to trust an authority by.
fn ca_file(text: &str) -> Result<PathBuf, String> {
    let path = path(text)?;
    match roots(&path) {
        Ok(_) => Ok(path),
        Err(error @ TlsError::Unreadable { .. }) => Err(error.to_string()),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

fn email(text: &str) -> Result<String, String> {
    let fits = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && is_host_name(host));
    if fits && !text.contains(char::is_whitespace) { Ok(text.to_owned()) } else { Err(format!("\"{text}\" is no mail address")) }
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
