//! The machine: clock, socket buffers, limit of open files, data directory.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::Finding;

/// What a media socket asks the kernel for, each way.
const BUFFER: u64 = 8 * 1024 * 1024;
/// Every connection is a file. Fewer than this is less than a small office in a few meetings.
const FILES: u64 = 4_096;
/// A clock that is behind the making of this program by more than this is wrong: files may be copied with the times of another
/// zone.
const TOLERANCE: Duration = Duration::from_hours(25);

/// The clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockFacts {
    pub(super) now: SystemTime,
    /// When the program's file was written.
    pub(super) made: Option<SystemTime>,
    /// The kernel says that something keeps the clock right; `None` when it does not say.
    pub(super) kept: Option<bool>,
}

pub(super) fn check_clock(facts: &ClockFacts) -> Finding {
    const SUBJECT: &str = "clock";
    const KEEP: &str = "keep it right with `timedatectl set-ntp true`";
    if facts.made.is_some_and(|made| facts.now + TOLERANCE < made) {
        let says = "it is behind the making of this program: certificates and tokens do not count with a wrong clock";
        return Finding::problem(SUBJECT, says, format!("set it, and {KEEP}"));
    }
    match facts.kept {
        Some(true) => Finding::good(SUBJECT, "kept right over the network"),
        Some(false) => Finding::note(SUBJECT, "plausible, but the kernel knows of nothing that keeps it right", KEEP),
        None => Finding::good(SUBJECT, "plausible"),
    }
}

/// The largest socket buffers that the kernel grants, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct BufferFacts {
    pub(super) receive: Option<u64>,
    pub(super) send: Option<u64>,
    /// This process may exceed them (`CAP_NET_ADMIN`).
    pub(super) privileged: bool,
}

pub(super) fn check_buffers(facts: &BufferFacts) -> Finding {
    const SUBJECT: &str = "socket buffers";
    let small: Vec<String> = [("net.core.rmem_max", facts.receive), ("net.core.wmem_max", facts.send)]
        .into_iter()
        .filter_map(|(name, limit)| Some((name, limit?)))
        .filter(|(_, limit)| *limit < BUFFER)
        .map(|(name, limit)| format!("{name} = {limit}"))
        .collect();
    if small.is_empty() {
        return Finding::good(SUBJECT, "as large as media wants them");
    }
    if facts.privileged {
        return Finding::good(SUBJECT, "this user may have them as large as media wants them");
    }
    let says = format!("small ({}): picture and sound may suffer when many packets come at once", small.join(", "));
    let cure =
        format!("on the host: `sudo sysctl -w net.core.rmem_max={BUFFER} net.core.wmem_max={BUFFER}`, and for good in /etc/sysctl.d");
    Finding::warning(SUBJECT, says, cure)
}

/// How many files and connections this process may have open, once it has raised its own limit.
pub(super) fn check_files(limit: Option<u64>) -> Finding {
    const SUBJECT: &str = "open files";
    match limit {
        Some(limit) if limit < FILES => Finding::warning(
            SUBJECT,
            format!("at most {limit} files and connections at once"),
            "raise it: LimitNOFILE=65536 in a systemd unit, `--ulimit nofile=65536` for a container, else `ulimit -n 65536`",
        ),
        Some(limit) => Finding::good(SUBJECT, format!("{limit} files and connections at once")),
        None => Finding::good(SUBJECT, "no limit"),
    }
}

/// The state of the data directory.
#[derive(Clone, Debug)]
pub(super) enum DirectoryState {
    /// It is there and can be written.
    Usable {
        /// Others can enter it.
        shared: bool,
    },
    /// It is made at the first start.
    Absent,
    /// It cannot be used, and why.
    Unusable(String),
}

/// The data directory.
#[derive(Clone, Debug)]
pub(super) struct DirectoryFacts {
    pub(super) path: PathBuf,
    pub(super) state: DirectoryState,
}

pub(super) fn check_directory(facts: &DirectoryFacts) -> Finding {
    const SUBJECT: &str = "data directory";
    let path = facts.path.display();
    match &facts.state {
        DirectoryState::Usable { shared: false } => Finding::good(SUBJECT, path.to_string()),
        DirectoryState::Usable { shared: true } => Finding::warning(
            SUBJECT,
            format!("others can enter {path}, which is not ours to close"),
            "choose a private one with --data-dir: it holds secrets",
        ),
        DirectoryState::Absent => Finding::good(SUBJECT, format!("{path}, made at the first start")),
        DirectoryState::Unusable(why) => {
            let cure = "make it writable for this user, or choose another one with --data-dir";
            Finding::problem(SUBJECT, format!("{path} cannot be used: {why}"), cure)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_clock_before_the_program_is_wrong() {
        let made = SystemTime::UNIX_EPOCH + Duration::from_hours(20_000 * 24);
        for (now, kept, verdict) in [
            (made + TOLERANCE, Some(true), Verdict::Good),
            (made + TOLERANCE, None, Verdict::Good),
            (made + TOLERANCE, Some(false), Verdict::Note),
            // Copied from a machine of another time zone.
            (made - Duration::from_hours(14), Some(true), Verdict::Good),
            (made - TOLERANCE * 2, Some(true), Verdict::Problem),
            (SystemTime::UNIX_EPOCH, Some(false), Verdict::Problem),
        ] {
            assert_eq!(check_clock(&ClockFacts { now, made: Some(made), kept }).verdict, verdict, "{now:?}, {kept:?}");
        }
    }

    #[test]
    fn small_buffers_are_named_with_their_cure() {
        let both = BufferFacts { receive: Some(212_992), send: Some(BUFFER), privileged: false };
        let finding = check_buffers(&both);
        assert_eq!(finding.verdict, Verdict::Warning);
        assert!(finding.says.contains("net.core.rmem_max = 212992") && !finding.says.contains("wmem_max"), "{finding:?}");
        assert!(finding.cure.contains("sysctl -w net.core.rmem_max=8388608"), "{finding:?}");
        assert_eq!(check_buffers(&BufferFacts { privileged: true, ..both }).verdict, Verdict::Good);
        assert_eq!(check_buffers(&BufferFacts { receive: Some(BUFFER), ..both }).verdict, Verdict::Good);
        assert_eq!(check_buffers(&BufferFacts { receive: None, send: None, privileged: false }).verdict, Verdict::Good);
    }

    #[test]
    fn few_files_are_warned_of() {
        for (limit, verdict) in [(Some(256), Verdict::Warning), (Some(FILES), Verdict::Good), (None, Verdict::Good)] {
            assert_eq!(check_files(limit).verdict, verdict, "{limit:?}");
        }
    }

    #[test]
    fn the_data_directory_is_private_and_writable() {
        for (state, verdict) in [
            (DirectoryState::Usable { shared: false }, Verdict::Good),
            (DirectoryState::Usable { shared: true }, Verdict::Warning),
            (DirectoryState::Absent, Verdict::Good),
            (DirectoryState::Unusable("no permission".into()), Verdict::Problem),
        ] {
            let finding = check_directory(&DirectoryFacts { path: "/var/lib/videoroom".into(), state });
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.says.contains("/var/lib/videoroom"), "{finding:?}");
        }
    }
}
