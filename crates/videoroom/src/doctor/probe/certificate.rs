//! Reading what a certificate says.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use net::tcp::ServerTls;
use x509_parser::prelude::{ASN1Time, FromDer as _, GeneralName, X509Certificate};

use super::super::certificate::{Certificate, Encryption};

/// What the first certificate of a PEM file says.
pub(super) fn read(certificate: &Path, key: &Path) -> Encryption {
    match ServerTls::from_pem_files(certificate, key) {
        Ok(tls) => facts(&tls.certificate())
            .map_or_else(|| Encryption::Unusable(format!("{} cannot be understood", certificate.display())), Encryption::Given),
        Err(error) => Encryption::Unusable(error.to_string()),
    }
}

/// The facts in a certificate (RFC 5280, section 4.1). Browsers look at no names but the subject's alternative ones.
fn facts(der: &[u8]) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let names = certificate.subject_alternative_name().ok()?;
    let names = names.map(|names| names.value.general_names.iter().filter_map(name).collect());
    let validity = certificate.validity();
    Some(Certificate { names: names.unwrap_or_default(), from: time(validity.not_before)?, until: time(validity.not_after)? })
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(|ip| ip.to_string())
        }
        _ => None,
    }
}

/// `None` before 1970, where no certificate is from.
fn time(time: ASN1Time) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(time.timestamp().try_into().ok()?))
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
    fn times_before_1970_are_none() {
        for (seconds, expected) in [(0, Some(0)), (951_868_800, Some(951_868_800)), (4_102_444_799, Some(4_102_444_799)), (-1, None)] {
            let read = time(ASN1Time::from_timestamp(seconds).unwrap());
            assert_eq!(read, expected.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds)), "{seconds}");
        }
    }
}
