//! Reading what a certificate says.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use net::tcp::ServerTls;

use super::super::certificate::{Certificate, Encryption};

// Tags of DER (X.690) that a certificate has where this module looks.
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// `dNSName` of a `GeneralName` (RFC 5280, section 4.2.1.6).
const DNS_NAME: u8 = 0x82;
/// `iPAddress` of a `GeneralName`.
const IP_ADDRESS: u8 = 0x87;
/// Object identifier of the subject's alternative names, 2.5.29.17.
const ALTERNATIVE_NAMES: [u8; 3] = [0x55, 0x1d, 0x11];

/// What the first certificate of a PEM file says.
pub(super) fn read(certificate: &Path, key: &Path) -> Encryption {
    match ServerTls::from_pem_files(certificate, key) {
        Ok(tls) => facts(&tls.certificate())
            .map_or_else(|| Encryption::Unusable(format!("{} cannot be understood", certificate.display())), Encryption::Given),
        Err(error) => Encryption::Unusable(error.to_string()),
    }
}

/// The facts in a certificate (RFC 5280, section 4.1).
fn facts(der: &[u8]) -> Option<Certificate> {
    let mut signed = Der(Der(der).expect(SEQUENCE)?);
    let mut fields = Der(signed.expect(SEQUENCE)?);
    let (tag, _) = fields.next()?;
    if tag == VERSION {
        fields.expect(INTEGER)?;
    }
    let (_algorithm, _issuer) = (fields.expect(SEQUENCE)?, fields.expect(SEQUENCE)?);
    let mut validity = Der(fields.expect(SEQUENCE)?);
    let (from, until) = (time(validity.next()?)?, time(validity.next()?)?);
    let mut names = Vec::new();
    while let Some((tag, content)) = fields.next() {
        if tag == EXTENSIONS {
            names = alternative_names(content)?;
        }
    }
    Some(Certificate { names, from, until })
}

/// Browsers look at no other names.
fn alternative_names(extensions: &[u8]) -> Option<Vec<String>> {
    let mut extensions = Der(Der(extensions).expect(SEQUENCE)?);
    while let Some((SEQUENCE, extension)) = extensions.next() {
        let mut extension = Der(extension);
        if extension.expect(OBJECT_IDENTIFIER)? != ALTERNATIVE_NAMES {
            continue;
        }
        let value = std::iter::from_fn(|| extension.next()).find(|(tag, _)| *tag == OCTET_STRING)?.1;
        let mut names = Der(Der(value).expect(SEQUENCE)?);
        return Some(std::iter::from_fn(|| names.next()).filter_map(name).collect());
    }
    Some(Vec::new())
}

fn name((tag, content): (u8, &[u8])) -> Option<String> {
    match tag {
        DNS_NAME => String::from_utf8(content.to_vec()).ok(),
        IP_ADDRESS => match content.len() {
            4 => <[u8; 4]>::try_from(content).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(content).ok().map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    }
}

/// `YYMMDDHHMMSSZ`, with years from 1950, or `YYYYMMDDHHMMSSZ` (RFC 5280, section 4.1.2.5).
fn time((tag, content): (u8, &[u8])) -> Option<SystemTime> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    let short = text.get(..2)?.parse::<u64>().ok()?;
    let (year, rest) = match tag {
        UTC_TIME => (if short < 50 { 2000 + short } else { 1900 + short }, text.get(2..)?),
        GENERALIZED_TIME => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let part = |index: usize| rest.get(2 * index..2 * index + 2)?.parse::<u64>().ok();
    let seconds = part(2)? * 3_600 + part(3)? * 60 + part(4)?;
    let days = days_since_1970(year, part(0)?, part(1)?)?;
    UNIX_EPOCH.checked_add(Duration::from_secs(days * 86_400 + seconds))
}

/// In the Gregorian calendar. `None` before 1970, where no certificate is from.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    // Years begin in March here, so that the leap day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let to_epoch = 719_468;
    (year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day.checked_sub(1)?).checked_sub(to_epoch)
}

/// DER values that follow each other.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value's tag and content; `None` at the end, or where the bytes make no sense.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if length >= 0x80 {
            let (bytes, after) = rest.split_at_checked(length & 0x7f).filter(|(bytes, _)| bytes.len() <= 4)?;
            length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            rest = after;
        }
        let (content, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some((*tag, content))
    }

    /// The content of the next value, which has to have this tag.
    fn expect(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn names_and_validity_are_read() {
        let directory = tempfile::TempDir::new().unwrap();
        let names = ["meet.example.org".to_owned(), "192.0.2.7".to_owned(), "2001:db8::7".to_owned()];
        ServerTls::self_signed(directory.path(), &names).unwrap();
        let file = directory.path().join("self-signed.pem");
        let Encryption::Given(certificate) = read(&file, &file) else { panic!("it can be read") };
        assert_eq!(certificate.names, names);
        let (now, day) = (SystemTime::now(), Duration::from_hours(24));
        assert!(now - day * 2 < certificate.from && certificate.from < now, "{certificate:?}");
        assert!(now + day * 390 < certificate.until && certificate.until < now + day * 400, "{certificate:?}");
        std::fs::write(&file, "garbage").unwrap();
        assert!(matches!(read(&file, &file), Encryption::Unusable(_)));
        assert!(matches!(read(&directory.path().join("absent"), &file), Encryption::Unusable(_)));
    }

    #[test]
    fn bytes_that_make_no_sense_are_no_certificate() {
        let directory = tempfile::TempDir::new().unwrap();
        let der = ServerTls::self_signed(directory.path(), &["localhost".to_owned()]).unwrap().certificate();
        assert!(facts(&der).is_some());
        for length in 0..der.len() {
            assert!(facts(&der[..length]).is_none(), "{length} bytes");
        }
        for index in 0..der.len() {
            let mut broken = der.to_vec();
            broken[index] ^= 0xff;
            // Whatever comes out, it is no panic.
            let _ = facts(&broken);
        }
    }

    #[test]
    fn times_of_both_forms_are_read() {
        for (tag, text, seconds) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "000301000000Z", Some(951_868_800)),
            (GENERALIZED_TIME, "20240229235959Z", Some(1_709_251_199)),
            (GENERALIZED_TIME, "20991231235959Z", Some(4_102_444_799)),
            (UTC_TIME, "691231235959Z", None),
            (UTC_TIME, "7001010000Z", None),
            (UTC_TIME, "", None),
            (OCTET_STRING, "700101000000Z", None),
        ] {
            let expected = seconds.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(time((tag, text.as_bytes())), expected, "{text}");
        }
    }
}
