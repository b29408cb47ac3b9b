//! Environment variables of the archived server, `FJ_…` and before that `JF_…`: what they mean here, so that its deployments
//! start unchanged.
//!
//! `docs/compatibility.md` has this table for people. Wrong values end the start, as they did there, except where the archived
//! server fell back to its default.

use std::net::IpAddr;
use std::str::FromStr;

use service::settings::{Alias, Aliases, SettingError};
use service::values::{host, port};

#[cfg(test)]
#[path = "archived_tests.rs"]
mod tests;

/// What the names begin with; the newer one wins.
const PREFIXES: &[&str] = &["FJ_", "JF_"];

/// Port of the archived server in production.
const PORT: &str = "8080";

/// Variables that give settings. Their values were checked by [`check`].
pub(super) const ALIASES: Aliases = Aliases {
    prefixes: PREFIXES,
    table: &[
        Alias { setting: "public-url", variables: &["HOST", "SSL_CERT_PATH"], convert: public_url },
        Alias { setting: "listen", variables: &["IP", "PORT"], convert: |given| address(given, PORT) },
        Alias { setting: "metrics-listen", variables: &["METRICS_IP", "METRICS_PORT"], convert: |given| address(given, "9568") },
        Alias { setting: "api-token", variables: &["SERVER_API_TOKEN"], convert: same },
        Alias { setting: "token-secret", variables: &["SECRET_KEY_BASE"], convert: same },
        Alias { setting: "tls-cert", variables: &["SSL_CERT_PATH"], convert: same },
        Alias { setting: "tls-key", variables: &["SSL_KEY_PATH"], convert: same },
        Alias { setting: "log-level", variables: &["LOG_LEVEL"], convert: log_level },
        Alias { setting: "log-format", variables: &["STRUCTURED_LOGGING"], convert: |given| Some(choose(given, "json", "text")) },
        Alias { setting: "webrtc", variables: &["WEBRTC_USED"], convert: |given| Some(choose(given, "on", "off")) },
        Alias { setting: "announce", variables: &["WEBRTC_TURN_IP"], convert: same },
        Alias { setting: "media-port", variables: &["WEBRTC_TURN_PORT_RANGE"], convert: first_port },
    ],
};

/// Variables that can have no meaning here, and why.
const WITHOUT_MEANING: &[(&str, &str)] = &[
    ("CHECK_ORIGIN", "clients of any origin are served, because the token is what admits them"),
    ("COMPONENTS_USED", "there are no components"),
    ("DIST_", "there is no clustering; each server is its own"),
    ("FEATURE_FLAG_REQUEST_ROUTING_ENABLED", "there is no clustering"),
    ("GIT_COMMIT", "the binary knows its own"),
    ("INTEGRATED_TURN_", "media needs one UDP port, see --media-port"),
    ("OUTPUT_BASE_PATH", "there are no components that write files"),
    ("RESOURCES_BASE_PATH", "there are no components that write files"),
    ("S3_", "there are no components that store anything"),
    ("SIP_IP", "there are no components"),
    ("SIP_USED", "there are no components"),
    ("WEBRTC_TURN_LISTEN_IP", "media is taken at all addresses"),
    ("WEBRTC_TURN_TCP_PORT", "everything over TCP has the one port of --listen"),
];

fn same(given: &[Option<&str>]) -> Option<Vec<String>> {
    given.iter().flatten().next().map(|text| vec![(*text).to_owned()])
}

/// The address was given without a scheme: it is encrypted when there is a certificate, or when its port says so.
fn public_url(given: &[Option<&str>]) -> Option<Vec<String>> {
    let &[Some(address), certificate] = given else { return None };
    let authority = address.split('/').next().unwrap_or_default();
    let scheme = if certificate.is_some() || authority.ends_with(":443") { "https" } else { "http" };
    Some(vec![format!("{scheme}://{address}")])
}

fn address(given: &[Option<&str>], default_port: &str) -> Option<Vec<String>> {
    let &[ip, port] = given else { return None };
    let (ip, port) = (ip.unwrap_or("127.0.0.1"), port.unwrap_or(default_port));
    Some(vec![if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }])
}

fn choose(given: &[Option<&str>], yes: &str, no: &str) -> Vec<String> {
    let is_true = given.iter().flatten().any(|text| text.eq_ignore_ascii_case("true"));
    vec![(if is_true { yes } else { no }).to_owned()]
}

/// Other levels are the default, as they were there.
fn log_level(given: &[Option<&str>]) -> Option<Vec<String>> {
    let level = match *given.iter().flatten().next()? {
        "warning" => "warn",
        level if LEVELS.contains(&level) => level,
        _ => return None,
    };
    Some(vec![level.to_owned()])
}

const LEVELS: [&str; 4] = ["info", "debug", "warning", "error"];

fn first_port(given: &[Option<&str>]) -> Option<Vec<String>> {
    let (first, _) = given.iter().flatten().next()?.split_once('-')?;
    Some(vec![first.to_owned()])
}

/// Checks the variables as the archived server did, and says what became of each. The sentences name no values: some are
/// secret.
pub(super) fn check(environment: &[(String, String)]) -> Result<Vec<String>, SettingError> {
    let archived = Archived(environment);
    for (name, parse) in CHECKS {
        archived.each(name, *parse)?;
    }
    archived.components()?;
    archived.storage()?;
    archived.cluster()?;
    Ok(archived.remarks())
}

/// How a value is judged: a sentence says what is wrong with it.
type Check = fn(&str) -> Result<(), String>;

const CHECKS: &[(&str, Check)] = &[
    ("HOST", without_scheme),
    ("IP", ip),
    ("PORT", real_port),
    ("METRICS_IP", ip),
    ("METRICS_PORT", real_port),
    ("STRUCTURED_LOGGING", boolean),
    ("WEBRTC_USED", boolean),
    ("WEBRTC_TURN_IP", ip),
    ("WEBRTC_TURN_LISTEN_IP", |text| host(text).map(drop)),
    ("WEBRTC_TURN_PORT_RANGE", port_range),
    ("WEBRTC_TURN_TCP_PORT", real_port),
    ("DIST_ENABLED", boolean),
    ("FEATURE_FLAG_REQUEST_ROUTING_ENABLED", boolean),
];

fn without_scheme(text: &str) -> Result<(), String> {
    match text.split_once("://") {
        Some((_, address)) => Err(format!("\"{text}\" must have no scheme: {address}")),
        None => Ok(()),
    }
}

fn ip(text: &str) -> Result<(), String> {
    IpAddr::from_str(text).map(drop).map_err(|_| format!("\"{text}\" is no IP address"))
}

fn real_port(text: &str) -> Result<(), String> {
    match port(text) {
        Ok(1..) => Ok(()),
        _ => Err(format!("\"{text}\" is no port from 1 to 65535")),
    }
}

fn port_range(text: &str) -> Result<(), String> {
    let ports = text.split_once('-').and_then(|(from, to)| Some((port(from).ok()?, port(to).ok()?)));
    match ports {
        Some((from, to)) if from <= to => Ok(()),
        _ => Err(format!("\"{text}\" is no range of ports such as 50000-59999")),
    }
}

fn boolean(text: &str) -> Result<(), String> {
    if ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        Ok(())
    } else {
        Err(format!("\"{text}\" is neither true nor false"))
    }
}

fn positive(text: &str) -> Result<(), String> {
    match text.parse() {
        Ok(1_u32..) => Ok(()),
        _ => Err(format!("\"{text}\" is no positive number")),
    }
}

/// The archived server's variables in an environment.
struct Archived<'a>(&'a [(String, String)]);

impl Archived<'_> {
    /// The variable's whole name and value, under the newest name that is set.
    fn get(&self, name: &str) -> Option<(String, &str)> {
        let names = PREFIXES.iter().map(|prefix| format!("{prefix}{name}"));
        names.into_iter().find_map(|name| {
            let (_, text) = self.0.iter().find(|(known, text)| *known == name && !text.is_empty())?;
            Some((name, text.as_str()))
        })
    }

    fn each(&self, name: &str, check: Check) -> Result<(), SettingError> {
        let Some((origin, text)) = self.get(name) else { return Ok(()) };
        check(text).map_err(|message| SettingError { origin, message })
    }

    /// Names must be right although nothing is served under them, and a SIP component needed an address.
    fn components(&self) -> Result<(), SettingError> {
        let Some((origin, text)) = self.get("COMPONENTS_USED") else { return Ok(()) };
        let names: Vec<&str> = text.split_whitespace().collect();
        if let Some(unknown) = names.iter().find(|name| !crate::http::COMPONENT_TYPES.contains(name)) {
            return Err(SettingError { origin, message: format!("\"{unknown}\" is no component") });
        }
        if !names.contains(&"sip") {
            return Ok(());
        }
        match self.get("SIP_IP") {
            Some((origin, text)) => ip(text).map_err(|message| SettingError { origin, message }),
            None => Err(SettingError { origin, message: "with sip, FJ_SIP_IP must be set".to_owned() }),
        }
    }

    /// Credentials are complete or absent.
    fn storage(&self) -> Result<(), SettingError> {
        let names = ["S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"];
        let given: Vec<_> = names.iter().map(|name| self.get(name)).collect();
        let first = given.iter().flatten().next();
        let missing = names.iter().zip(&given).find(|(_, given)| given.is_none());
        match (first, missing) {
            (Some((origin, _)), Some((missing, _))) => {
                Err(SettingError { origin: origin.clone(), message: format!("FJ_{missing} must be set, too") })
            }
            _ => Ok(()),
        }
    }

    /// How servers were to find each other must be right although this one looks for none.
    fn cluster(&self) -> Result<(), SettingError> {
        let wrong = |(origin, text): (String, &str), what: &str| Err(SettingError { origin, message: format!("\"{text}\" is {what}") });
        let mode = self.get("DIST_MODE");
        if let Some(mode) = mode.clone().filter(|(_, mode)| !["sname", "name"].contains(mode)) {
            return wrong(mode, "neither sname nor name");
        }
        let Some((enabled, _)) = self.get("DIST_ENABLED").filter(|(_, text)| text.eq_ignore_ascii_case("true")) else { return Ok(()) };
        if let Some(name) = self.get("DIST_NODE_NAME").filter(|(_, name)| name.split('@').count() != 2) {
            return wrong(name, "no name such as fishjam@10.0.0.1");
        }
        let needs = |message: &str| Err(SettingError { origin: enabled.clone(), message: message.to_owned() });
        match self.get("DIST_STRATEGY_NAME") {
            None | Some((_, "NODES_LIST")) => Ok(()),
            Some((_, "DNS")) if mode.is_none_or(|(_, mode)| mode != "name") => needs("with DNS, FJ_DIST_MODE must be name"),
            Some((_, "DNS")) if self.get("DIST_QUERY").is_none() => needs("with DNS, FJ_DIST_QUERY must be set"),
            Some((_, "DNS")) => {
                self.each("DIST_NODE_NAME", |name| host(name.rsplit('@').next().unwrap_or_default()).map(drop))?;
                self.each("DIST_POLLING_INTERVAL", positive)
            }
            Some(strategy) => wrong(strategy, "neither NODES_LIST nor DNS"),
        }
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = self.0.iter().filter(|(_, text)| !text.is_empty()).filter_map(|(name, _)| remark(name)).collect();
        remarks.sort();
        if let Some((name, text)) = self.get("LOG_LEVEL")
            && !LEVELS.contains(&text)
        {
            remarks.push(format!("{name} is none of info, debug, warning and error: info is used"));
        }
        remarks
    }
}

/// What became of the variable; `None` when it is none of the archived server's.
fn remark(name: &str) -> Option<String> {
    let rest = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix))?;
    if let Some(alias) = ALIASES.table.iter().find(|alias| alias.variables.contains(&rest)) {
        // A certificate's path also tells the scheme of the address: the setting of its own name is the one to tell.
        let alias = ALIASES.table.iter().find(|alias| alias.variables == [rest]).unwrap_or(alias);
        let ours = super::PROGRAM.variable(alias.setting);
        return Some(format!("{name} is a name of the archived server; here it is --{} or {ours}", alias.setting));
    }
    let known = |(known, _): &&(&str, &str)| if known.ends_with('_') { rest.starts_with(known) } else { rest == *known };
    let why = WITHOUT_MEANING.iter().find(known).map_or("this server does not know it", |(_, why)| *why);
    Some(format!("{name} has no effect: {why}"))
}
