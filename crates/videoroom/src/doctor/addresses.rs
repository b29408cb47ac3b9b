//! Where browsers are told to send media, and whether that can arrive.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Finding;

/// Name of the check.
const SUBJECT: &str = "addresses";

/// What kind of machine this is, seen from inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Surroundings {
    /// A machine, or a container that shares the machine's network.
    Machine,
    /// A rented machine, which often has a public address that it cannot see (1:1 NAT). Whose.
    Cloud(&'static str),
    /// A container with a network of its own.
    Container(Engine),
}

/// What runs the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Docker,
    Podman,
    Kubernetes,
    Unknown,
}

/// A name or address with what it resolves to.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) name: String,
    /// Or why it does not.
    pub(super) addresses: Result<Vec<IpAddr>, String>,
}

/// All that matters here.
#[derive(Clone, Debug)]
pub(super) struct AddressFacts {
    /// Only this machine can open the page.
    pub(super) loopback_only: bool,
    /// TCP port of the page.
    pub(super) page_port: u16,
    pub(super) media_port: u16,
    /// What is announced by configuration.
    pub(super) announced: Vec<Resolved>,
    /// The name that people type, when it is configured. What it resolves to is announced, too.
    pub(super) public_host: Option<Resolved>,
    /// Addresses of this machine but loopback.
    pub(super) own: Vec<IpAddr>,
    pub(super) surroundings: Surroundings,
}

pub(super) fn check(facts: &AddressFacts) -> Vec<Finding> {
    facts.announced.iter().filter_map(unresolved).chain([check_known(facts)]).collect()
}

/// Without the names that cannot be resolved, which a starting server tells by itself.
pub(super) fn check_known(facts: &AddressFacts) -> Finding {
    let announced: Vec<IpAddr> = facts.announced.iter().filter_map(|name| name.addresses.as_ref().ok()).flatten().copied().collect();
    if announced.is_empty() { detected(facts) } else { given(facts, &announced) }
}

/// A name that is announced and unknown.
fn unresolved(name: &Resolved) -> Option<Finding> {
    let error = name.addresses.as_ref().err()?;
    let says = format!("the name {} of --announce cannot be resolved: {error}", name.name);
    Some(Finding::problem(SUBJECT, says, "correct it, or give the address itself"))
}

/// The operator has said what to announce.
fn given(facts: &AddressFacts, announced: &[IpAddr]) -> Finding {
    let list = list(announced);
    if announced.iter().all(IpAddr::is_loopback) && !facts.loopback_only {
        let says = format!("{list} is announced, which other machines cannot reach");
        return Finding::warning(SUBJECT, says, "give --announce an address under which browsers reach this machine");
    }
    if matches!(facts.surroundings, Surroundings::Container(_)) && announced.iter().all(|ip| facts.own.contains(ip)) {
        let says = format!("{list} is announced, an address that only containers of this host reach");
        return Finding::warning(SUBJECT, says, container_cure(facts, engine(facts)));
    }
    Finding::good(SUBJECT, format!("browsers are told to send media to {list}, UDP port {}", facts.media_port))
}

/// Nothing is announced by configuration: the interfaces' addresses are.
fn detected(facts: &AddressFacts) -> Finding {
    let (own, port) = (list(&facts.own), facts.media_port);
    if facts.loopback_only {
        return Finding::good(SUBJECT, "only browsers on this machine can open the page, and they use its loopback address");
    }
    if facts.own.is_empty() {
        let cure = "connect it to a network, or say with --announce where it is reached";
        return Finding::warning(SUBJECT, "this machine has no address but loopback: only its own browsers can take part", cure);
    }
    if let Some(resolved) = public_addresses(facts) {
        let says = format!("browsers are told to send media to {} and {own}, UDP port {port}", list(&resolved));
        if resolved.iter().any(|ip| facts.own.contains(ip)) {
            return Finding::good(SUBJECT, says);
        }
        return Finding::note(SUBJECT, says, format!("whatever stands between has to forward UDP port {port} to here"));
    }
    if let Surroundings::Container(engine) = facts.surroundings {
        let says = format!(
            "this runs in a container: people who open the page by a name are told to send media to {own}, which they cannot reach"
        );
        return Finding::warning(SUBJECT, says, container_cure(facts, engine));
    }
    if facts.own.iter().any(|ip| is_public_v4(*ip)) || !facts.own.iter().any(IpAddr::is_ipv4) {
        return Finding::good(SUBJECT, format!("browsers are told to send media to {own}, UDP port {port}"));
    }
    match facts.surroundings {
        Surroundings::Cloud(vendor) => {
            let says = format!("this machine at {vendor} has only private addresses ({own}), so people elsewhere cannot send media to it");
            Finding::warning(SUBJECT, says, format!("start it with `--announce PUBLIC-ADDRESS`, and let UDP port {port} in at {vendor}"))
        }
        _ => Finding::note(
            SUBJECT,
            format!("media works for everybody on this network ({own})"),
            format!("for people elsewhere forward UDP port {port} to here, and start it with `--announce PUBLIC-ADDRESS`"),
        ),
    }
}

/// What the configured public host resolves to, if anything that others can use.
fn public_addresses(facts: &AddressFacts) -> Option<Vec<IpAddr>> {
    let resolved = facts.public_host.as_ref()?.addresses.as_ref().ok()?;
    let useful: Vec<IpAddr> = resolved.iter().copied().filter(|ip| !ip.is_loopback()).collect();
    (!useful.is_empty()).then_some(useful)
}

fn engine(facts: &AddressFacts) -> Engine {
    if let Surroundings::Container(engine) = facts.surroundings { engine } else { Engine::Unknown }
}

/// The line to add.
fn container_cure(facts: &AddressFacts, engine: Engine) -> String {
    let AddressFacts { page_port: page, media_port: media, .. } = facts;
    let ports = format!("-p {page}:{page} -p {media}:{media}/udp");
    match engine {
        Engine::Docker => format!("docker run {ports} … videoroom --announce ADDRESS-OF-THE-HOST"),
        Engine::Podman => format!("podman run {ports} … videoroom --announce ADDRESS-OF-THE-HOST"),
        Engine::Kubernetes => {
            format!("expose UDP port {media} unchanged, for example with hostPort, and add --announce ADDRESS-OF-THE-NODE")
        }
        Engine::Unknown => format!("publish the ports ({ports}), and add --announce ADDRESS-OF-THE-HOST"),
    }
}

fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether the world can reach it, as far as the address itself tells (IANA IPv4 Special-Purpose Address Registry).
fn is_public_v4(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || shared)
        }
        IpAddr::V6(_) => false,
    }
}

/// The loopback addresses, which say nothing to others.
pub(super) fn is_outward(ip: IpAddr) -> bool {
    ip != IpAddr::V4(Ipv4Addr::LOCALHOST) && ip != IpAddr::V6(Ipv6Addr::LOCALHOST)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::super::Verdict::{self, Good, Note, Problem, Warning};
    use super::*;

    fn ips(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn resolved(name: &str) -> Resolved {
        let addresses = match name {
            "meet.example.org" => Ok(ips(&["203.0.113.7"])),
            "unknown.example.org" => Err("no such name".to_owned()),
            literal => Ok(ips(&[literal])),
        };
        Resolved { name: name.to_owned(), addresses }
    }

    /// A machine that anybody may use.
    fn facts(surroundings: Surroundings, own: &[&str]) -> AddressFacts {
        AddressFacts {
            loopback_only: false,
            page_port: 8080,
            media_port: 50_000,
            announced: Vec::new(),
            public_host: None,
            own: ips(own),
            surroundings,
        }
    }

    /// Where, own addresses, announced, name in the public address, expected verdict and cure.
    type Case<'a> = (Surroundings, &'a [&'a str], &'a [&'a str], &'a str, Verdict, &'a str);

    #[test]
    fn who_is_warned_and_who_is_left_in_peace() {
        use Surroundings::{Cloud, Container, Machine};
        let docker = Container(Engine::Docker);
        let private: &[&str] = &["192.168.1.5"];
        let inside: &[&str] = &["172.17.0.2"];
        let table: &[Case<'_>] = &[
            // A laptop or a machine at home: no warning, one sentence for those who want more.
            (Machine, private, &[], "", Note, "--announce PUBLIC-ADDRESS"),
            (Machine, &["192.168.1.5", "2001:db8::5"], &[], "", Note, "forward UDP port 50000"),
            (Machine, &["100.64.3.4"], &[], "", Note, "--announce"),
            (Machine, &["203.0.113.7"], &[], "", Good, ""),
            (Machine, &["10.0.0.5", "203.0.113.7"], &[], "", Good, ""),
            (Machine, &["2001:db8::5"], &[], "", Good, ""),
            (Machine, &[], &[], "", Warning, "--announce"),
            (Machine, private, &["203.0.113.7"], "", Good, ""),
            (Machine, private, &["127.0.0.1"], "", Warning, "--announce"),
            (Machine, private, &["unknown.example.org"], "", Problem, "give the address itself"),
            (Machine, private, &[], "meet.example.org", Note, "forward UDP port 50000"),
            (Machine, &["203.0.113.7"], &[], "meet.example.org", Good, ""),
            (Machine, private, &[], "unknown.example.org", Note, "--announce"),
            // A rented machine behind 1:1 NAT.
            (Cloud("Amazon EC2"), &["10.0.0.5"], &[], "", Warning, "`--announce PUBLIC-ADDRESS`, and let UDP port 50000 in at Amazon EC2"),
            (Cloud("Amazon EC2"), &["10.0.0.5"], &[], "meet.example.org", Note, "forward UDP port 50000"),
            (Cloud("Amazon EC2"), &["10.0.0.5"], &["203.0.113.7"], "", Good, ""),
            (Cloud("Hetzner"), &["203.0.113.7"], &[], "", Good, ""),
            // A container with a network of its own.
            (docker.clone(), inside, &[], "", Warning, "docker run -p 8080:8080 -p 50000:50000/udp … videoroom --announce"),
            (docker.clone(), inside, &["172.17.0.2"], "", Warning, "docker run -p 8080:8080"),
            (docker.clone(), inside, &["192.168.1.5"], "", Good, ""),
            (docker, inside, &[], "meet.example.org", Note, "forward UDP port 50000"),
            (Container(Engine::Podman), &["10.88.0.4"], &[], "", Warning, "podman run -p 8080:8080 -p 50000:50000/udp"),
            (Container(Engine::Kubernetes), &["10.244.0.4"], &[], "", Warning, "hostPort"),
            (Container(Engine::Unknown), &["10.0.3.4"], &[], "", Warning, "-p 50000:50000/udp"),
        ];
        for (surroundings, own, announced, public_host, verdict, cure) in table {
            let mut facts = facts(surroundings.clone(), own);
            facts.announced = announced.iter().copied().map(resolved).collect();
            facts.public_host = (!public_host.is_empty()).then(|| resolved(public_host));
            let worst = check(&facts).into_iter().max_by_key(|finding| finding.verdict).unwrap();
            assert_eq!(worst.verdict, *verdict, "{facts:?}: {worst:?}");
            assert!(worst.cure.contains(cure), "{worst:?}");
            assert_eq!(worst.cure.is_empty(), *verdict == Good, "{worst:?}");
        }
    }

    #[test]
    fn nobody_outside_means_no_advice_about_outside() {
        let mut facts = facts(Surroundings::Container(Engine::Docker), &["172.17.0.2"]);
        facts.loopback_only = true;
        assert_eq!(check(&facts)[0].verdict, Good);
    }
}
