//! The self-signed certificate of a server that was given none, kept in one file.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};

use super::TlsError;

/// Certificate and key, with the facts about them in lines before, which PEM readers skip.
const FILE: &str = "self-signed.pem";
const DAY: Duration = Duration::from_hours(24);
/// What browsers accept for a certificate at most, in days (CA/Browser Forum, since 2020).
const VALID_DAYS: u32 = 397;
/// Made anew when fewer days are left.
const RENEW_DAYS: u32 = 30;

/// The PEM text of a certificate for all `names` with its key.
pub(super) fn load_or_make(directory: &Path, names: &[String]) -> Result<String, TlsError> {
    let path = directory.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) if is_good(&text, names, SystemTime::now()) => return Ok(text),
        Ok(text) if is_usable(&text) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Ok(_) => warn_of_damage(),
        Err(error) if error.kind() == ErrorKind::InvalidData => warn_of_damage(),
        Err(source) => return Err(TlsError::Unreadable { path, source }),
    }
    let text = make(names, SystemTime::now())?;
    write(&path, &text).map_err(|source| TlsError::Unwritable { path, source })?;
    Ok(text)
}

/// People who trusted the old certificate are asked again, and wonder why.
fn warn_of_damage() {
    tracing::warn!(file = FILE, "the kept self-signed certificate is damaged: a new one takes its place, and browsers ask again");
}

fn make(names: &[String], now: SystemTime) -> Result<String, TlsError> {
    let mut params = CertificateParams::new(names)?;
    let expiry = now + DAY * VALID_DAYS;
    // A client whose clock is slow must not take it for a certificate from the future.
    params.not_before = (now - DAY).into();
    params.not_after = expiry.into();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.distinguished_name.push(DnType::CommonName, names.first().map_or("self-signed", String::as_str));
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?.pem();
    let expiry = expiry.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ok(format!("expires: {expiry}\nnames: {}\n{certificate}{}", names.join(" "), key.serialize_pem()))
}

/// Whether a kept certificate still serves: complete, long enough valid, and for all the names.
fn is_good(text: &str, names: &[String], now: SystemTime) -> bool {
    let fact = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let expiry = fact("expires: ").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    let valid = expiry.and_then(|expiry| UNIX_EPOCH.checked_add(expiry)).is_some_and(|expiry| now + DAY * RENEW_DAYS < expiry);
    let kept: Vec<&str> = fact("names: ").map(|line| line.split(' ').collect()).unwrap_or_default();
    let covers = names.iter().all(|name| kept.contains(&name.as_str()));
    valid && covers && is_usable(text)
}

fn is_usable(text: &str) -> bool {
    super::ServerTls::from_pem(text.as_bytes(), text.as_bytes()).is_ok()
}

/// Writes aside and renames, so that a crash never leaves half a file.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let aside = path.with_extension("pem.new");
    // What an earlier crash left may have other permissions.
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_certificate_is_kept_until_it_nearly_expires_or_lacks_a_name() {
        let now = SystemTime::now();
        let names = ["localhost".to_owned(), "192.0.2.7".to_owned()];
        let text = make(&names, now).unwrap();
        assert!(is_good(&text, &names, now));
        assert!(is_good(&text, &names[..1], now));
        assert!(!is_good(&text, &["other.example".to_owned()], now));
        assert!(is_good(&text, &names, now + DAY * (VALID_DAYS - RENEW_DAYS - 1)));
        assert!(!is_good(&text, &names, now + DAY * (VALID_DAYS - RENEW_DAYS + 1)));
        assert!(!is_good(&text[..text.len() / 2], &names, now), "half a file");
    }
}
