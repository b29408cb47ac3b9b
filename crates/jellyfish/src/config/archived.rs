//! Environment variables of the archived server, which mean nothing here.

/// Names behind `FJ_` or `JF_`, and what does the same here.
const SUCCESSORS: &[(&str, &str)] = &[
    ("HOST", "--public-url"),
    ("IP", "--listen"),
    ("PORT", "--listen"),
    ("SERVER_API_TOKEN", "--api-token"),
    ("SECRET_KEY_BASE", "--data-dir"),
    ("SSL_CERT_PATH", "--tls-cert"),
    ("SSL_KEY_PATH", "--tls-key"),
    ("METRICS_IP", "--metrics-listen"),
    ("METRICS_PORT", "--metrics-listen"),
    ("LOG_LEVEL", "--log-level"),
    ("STRUCTURED_LOGGING", "--log-format"),
    ("WEBRTC_TURN_IP", "--announce"),
    ("WEBRTC_TURN_PORT_RANGE", "--media-port"),
];

/// A sentence that names those of the given variables that the archived server read, each with the flag that took its place.
/// `None`: there are none. Values are not looked at: some are secret.
pub(super) fn archived_variables(names: impl IntoIterator<Item = String>) -> Option<String> {
    let mut found: Vec<String> = names.into_iter().filter_map(|name| remark(&name)).collect();
    found.sort();
    let list = found.join(", ");
    (!found.is_empty()).then(|| format!("environment variables of the archived server are not read; in parentheses what is: {list}"))
}

fn remark(name: &str) -> Option<String> {
    let rest = name.strip_prefix("FJ_").or_else(|| name.strip_prefix("JF_"))?;
    let successor = SUCCESSORS.iter().find(|(known, _)| *known == rest).map_or("nothing", |(_, flag)| flag);
    Some(format!("{name} ({successor})"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn each_is_named_with_its_successor() {
        let names = |names: &[&str]| archived_variables(names.iter().map(|name| (*name).to_owned()));
        assert_eq!(names(&["HOME", "JELLYFISH_LISTEN", "XFJ_PORT", "FJORD"]), None);
        let remark = names(&["JF_PORT", "FJ_DIST_MODE", "HOME", "FJ_HOST"]).unwrap();
        assert!(remark.ends_with(": FJ_DIST_MODE (nothing), FJ_HOST (--public-url), JF_PORT (--listen)"), "{remark}");
        let flags = super::super::PROGRAM.settings.iter().map(|option| format!("--{}", option.name)).collect::<Vec<_>>();
        for (_, successor) in SUCCESSORS {
            assert!(flags.iter().any(|flag| flag == successor), "{successor}");
        }
    }
}
