//! Whether browsers accept the certificate.

use std::time::{Duration, SystemTime};

use super::Finding;
use super::addresses::Resolved;

/// Name of the check.
const SUBJECT: &str = "certificate";
/// A certificate that ends sooner was forgotten: those that renew by themselves do so earlier.
const SOON: Duration = Duration::from_hours(14 * 24);
const DAY: Duration = Duration::from_hours(24);

/// Encryption of the public port.
#[derive(Clone, Debug)]
pub(super) enum Encryption {
    /// HTTP only.
    Off,
    /// A certificate that is made and renewed here.
    SelfSigned,
    /// One that an authority gives for these names.
    Automatic(Vec<String>),
    /// The operator's certificate.
    Given(Certificate),
    /// The operator's certificate cannot be used, and why.
    Unusable(String),
}

/// What a certificate says.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    /// Names and addresses it is for.
    pub(super) names: Vec<String>,
    pub(super) from: SystemTime,
    pub(super) until: SystemTime,
}

/// All that matters here.
#[derive(Clone, Debug)]
pub(super) struct CertificateFacts {
    pub(super) encryption: Encryption,
    /// Name in the public address, when it is configured.
    pub(super) host: Option<String>,
    /// The public address is an https one.
    pub(super) https_address: bool,
    /// Only this machine can open the page.
    pub(super) loopback_only: bool,
    pub(super) now: SystemTime,
}

pub(super) fn check(facts: &CertificateFacts) -> Finding {
    match &facts.encryption {
        Encryption::Off if facts.https_address => Finding::good(SUBJECT, "none is needed: the proxy in front speaks HTTPS"),
        Encryption::Off | Encryption::SelfSigned if facts.loopback_only => {
            Finding::good(SUBJECT, "none is needed: only this machine and its proxies open the page")
        }
        Encryption::Off => Finding::warning(
            SUBJECT,
            "this port speaks HTTP only, and browsers on other machines give camera and microphone to HTTPS only",
            "put a proxy that speaks HTTPS in front and name it with --public-url, or leave --tls off out",
        ),
        Encryption::SelfSigned => Finding::note(
            SUBJECT,
            "it is self-signed: each browser on another machine warns once before it shows the page",
            "for a page without a warning give --tls-domain, or --tls-cert and --tls-key, or use a proxy that has a certificate",
        ),
        Encryption::Automatic(names) => uncovered(facts, names).unwrap_or_else(|| {
            let names = names.join(", ");
            Finding::good(SUBJECT, format!("for {names} it is got and renewed by ACME; the log of the running server says how that goes"))
        }),
        Encryption::Unusable(why) => Finding::problem(SUBJECT, why.clone(), "correct --tls-cert and --tls-key"),
        Encryption::Given(certificate) => given(facts, certificate),
    }
}

/// A name that an authority shall give a certificate for, and that leads nowhere.
pub(super) fn check_name(name: &Resolved) -> Option<Finding> {
    let error = name.addresses.as_ref().err()?;
    let says = format!("the name {} of --tls-domain cannot be resolved: {error}", name.name);
    let cure = "let it point to this server's public address (A or AAAA record): no authority gives a certificate before";
    Some(Finding::problem(SUBJECT, says, cure))
}

fn given(facts: &CertificateFacts, certificate: &Certificate) -> Finding {
    let now = facts.now;
    if certificate.until <= now {
        let days = whole_days(now, certificate.until);
        return Finding::problem(SUBJECT, format!("it expired {days} ago"), "renew it; a new file is what --tls-cert and --tls-key name");
    }
    if certificate.from > now {
        let days = whole_days(certificate.from, now);
        return Finding::problem(
            SUBJECT,
            format!("it is not valid before {days} from now"),
            "set the clock of this machine, or use another certificate",
        );
    }
    if let Some(finding) = uncovered(facts, &certificate.names) {
        return finding;
    }
    let days = whole_days(certificate.until, now);
    if certificate.until < now + SOON {
        return Finding::warning(SUBJECT, format!("it expires in {days}"), "renew it, and see why that did not happen by itself");
    }
    Finding::good(SUBJECT, format!("for {}, valid for {days}", certificate.names.join(", ")))
}

/// The public address has a name that the certificate is not for.
fn uncovered(facts: &CertificateFacts, names: &[String]) -> Option<Finding> {
    let host = facts.host.as_ref().filter(|host| !names.iter().any(|name| covers(name, host)))?;
    let says = format!("it is for {} and not for {host}, the name in --public-url: browsers refuse it", names.join(", "));
    Some(Finding::problem(SUBJECT, says, format!("get a certificate for {host}, or correct --public-url")))
}

/// Whether a name in a certificate stands for a host (RFC 9525, section 6.3): an asterisk is one label.
fn covers(name: &str, host: &str) -> bool {
    let (name, host) = (name.to_ascii_lowercase(), host.to_ascii_lowercase());
    match name.strip_prefix("*.") {
        Some(domain) => host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == domain),
        None => name == host,
    }
}

fn whole_days(later: SystemTime, earlier: SystemTime) -> String {
    let days = later.duration_since(earlier).unwrap_or_default().as_secs() / DAY.as_secs();
    match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::super::Verdict;
    use super::*;

    fn facts(encryption: Encryption) -> CertificateFacts {
        let now = SystemTime::UNIX_EPOCH + DAY * 20_000;
        CertificateFacts { encryption, host: None, https_address: false, loopback_only: false, now }
    }

    /// Valid from and until so many days from now, for a name and all below another.
    fn certificate(from: i64, until: i64) -> Encryption {
        let day = |days: i64| SystemTime::UNIX_EPOCH + DAY * u32::try_from(20_000 + days).unwrap();
        let names = vec!["Meet.example.org".to_owned(), "*.example.net".to_owned()];
        Encryption::Given(Certificate { names, from: day(from), until: day(until) })
    }

    #[test]
    fn validity() {
        for (encryption, verdict, says) in [
            (Encryption::Off, Verdict::Warning, "HTTP only"),
            (Encryption::SelfSigned, Verdict::Note, "warns once"),
            (Encryption::Automatic(vec!["meet.example.org".into()]), Verdict::Good, "meet.example.org"),
            (Encryption::Unusable("no key".into()), Verdict::Problem, "no key"),
            (certificate(-10, 60), Verdict::Good, "valid for 60 days"),
            (certificate(-80, 10), Verdict::Warning, "expires in 10 days"),
            (certificate(-80, 1), Verdict::Warning, "expires in 1 day"),
            (certificate(-80, -3), Verdict::Problem, "expired 3 days ago"),
            (certificate(3, 90), Verdict::Problem, "not valid before 3 days"),
        ] {
            let finding = check(&facts(encryption));
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.says.contains(says), "{finding:?}");
            assert_eq!(finding.cure.is_empty(), verdict == Verdict::Good, "{finding:?}");
        }
    }

    #[test]
    fn the_public_name_has_to_be_covered() {
        for (host, covered) in [
            ("meet.example.org", true),
            ("MEET.example.org", true),
            ("a.example.net", true),
            ("a.b.example.net", false),
            ("example.net", false),
            ("other.example.org", false),
        ] {
            let host = Some(host.to_owned());
            let finding = check(&CertificateFacts { host, ..facts(certificate(-10, 60)) });
            assert_eq!(finding.verdict == Verdict::Good, covered, "{finding:?}");
        }
    }

    #[test]
    fn the_names_of_an_automatic_certificate_have_to_fit_and_to_lead_somewhere() {
        let facts = facts(Encryption::Automatic(vec!["meet.example.org".into()]));
        for (host, verdict) in [("meet.example.org", Verdict::Good), ("other.example.org", Verdict::Problem)] {
            let finding = check(&CertificateFacts { host: Some(host.to_owned()), ..facts.clone() });
            assert_eq!(finding.verdict, verdict, "{finding:?}");
        }
        let name = |addresses| Resolved { name: "meet.example.org".to_owned(), addresses };
        assert_eq!(check_name(&name(Ok(vec![[203, 0, 113, 7].into()]))), None);
        let finding = check_name(&name(Err("no such name".to_owned()))).unwrap();
        assert!(finding.verdict == Verdict::Problem && finding.says.contains("meet.example.org"), "{finding:?}");
        assert!(finding.cure.contains("A or AAAA record"), "{finding:?}");
    }

    #[test]
    fn without_encryption_a_proxy_or_nobody_outside_is_expected() {
        let off = facts(Encryption::Off);
        assert_eq!(check(&CertificateFacts { https_address: true, ..off.clone() }).verdict, Verdict::Good);
        for encryption in [Encryption::Off, Encryption::SelfSigned] {
            assert_eq!(check(&CertificateFacts { loopback_only: true, ..facts(encryption) }).verdict, Verdict::Good);
        }
    }
}
