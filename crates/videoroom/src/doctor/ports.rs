//! Whether the ports can be opened, and who holds those that cannot.

use super::Finding;

/// Kind of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Tcp,
    Udp,
}

/// A running program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    /// Its name, as `ps` shows it.
    pub(super) name: String,
    /// Its process id.
    pub(super) process: u32,
}

/// What trying to open the port showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PortState {
    Free,
    /// By whom, when this user may see that.
    Held(Option<Holder>),
    /// Ports below 1024 need a privilege.
    Denied,
    /// What the system said, or which address is missing.
    Unusable(String),
}

/// A port.
#[derive(Clone, Debug)]
pub(super) struct PortFacts {
    pub(super) subject: &'static str,
    pub(super) transport: Transport,
    /// Its number, perhaps behind an address.
    pub(super) address: String,
    /// Which setting chooses another one.
    pub(super) flag: &'static str,
    pub(super) state: PortState,
    /// A Videoroom answers on the public port.
    pub(super) running: bool,
}

/// Name of the program that may well hold its own ports while somebody runs the doctor.
const OURS: &str = "videoroom";

pub(super) fn check(facts: &PortFacts) -> Finding {
    let PortFacts { subject, transport, address, flag, state, running } = facts;
    let port = match transport {
        Transport::Tcp => format!("TCP port {address}"),
        Transport::Udp => format!("UDP port {address}"),
    };
    let elsewhere = format!("choose another one with {flag}");
    match state {
        PortState::Free => Finding::good(subject, format!("{port} is free")),
        PortState::Held(Some(Holder { name, process })) if name == OURS => {
            Finding::good(subject, format!("{port} is held by the {OURS} that runs already (process {process})"))
        }
        PortState::Held(None) if *running => Finding::good(subject, format!("{port} is in use, and a {OURS} runs on this machine")),
        PortState::Held(Some(Holder { name, process })) => {
            Finding::problem(subject, format!("{port} is in use by {name} (process {process})"), format!("stop {name}, or {elsewhere}"))
        }
        PortState::Held(None) => Finding::problem(
            subject,
            format!("{port} is in use by a program of another user"),
            format!("find it as root with `ss -lntup`, or {elsewhere}"),
        ),
        PortState::Denied => Finding::problem(
            subject,
            format!("this user may not open {port}: those below 1024 need a privilege"),
            format!("give it with `sudo setcap cap_net_bind_service=+ep` on the program, use the systemd unit, or {elsewhere}"),
        ),
        PortState::Unusable(why) => Finding::problem(subject, format!("{port} cannot be opened: {why}"), elsewhere),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_port_is_free_ours_or_somebody_elses() {
        let held = |name: &str| PortState::Held(Some(Holder { name: name.into(), process: 812 }));
        for (state, running, verdict, says, cure) in [
            (PortState::Free, false, Verdict::Good, "is free", ""),
            (held("videoroom"), false, Verdict::Good, "runs already (process 812)", ""),
            (PortState::Held(None), true, Verdict::Good, "a videoroom runs", ""),
            (held("nginx"), false, Verdict::Problem, "in use by nginx (process 812)", "stop nginx, or choose another one with --listen"),
            (held("nginx"), true, Verdict::Problem, "in use by nginx", "--listen"),
            (PortState::Held(None), false, Verdict::Problem, "another user", "ss -lntup"),
            (PortState::Denied, false, Verdict::Problem, "privilege", "cap_net_bind_service"),
            (PortState::Unusable("no such address".into()), false, Verdict::Problem, "no such address", "--listen"),
        ] {
            let (subject, address) = ("public port", "8080".to_owned());
            let facts = PortFacts { subject, transport: Transport::Tcp, address, flag: "--listen", state, running };
            let finding = check(&facts);
            assert_eq!(finding.verdict, verdict, "{facts:?}: {finding:?}");
            assert!(finding.says.starts_with("TCP port 8080") || finding.says.contains("open TCP port 8080"), "{finding:?}");
            assert!(finding.says.contains(says) && finding.cure.contains(cure), "{finding:?}");
        }
    }
}
