//! Telling the service manager how this program is (sd_notify(3), sd_watchdog_enabled(3)).

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The service manager, when the program was started by one that listens.
#[derive(Debug, Default)]
pub struct Manager {
    line: Option<Line>,
    watchdog: Option<Duration>,
}

#[derive(Debug)]
struct Line {
    socket: UnixDatagram,
    to: SocketAddr,
}

impl Manager {
    /// As the environment of the process `process` names it. A socket that cannot be used counts as none, with a warning.
    pub fn find(environment: &[(String, String)], process: u32) -> Self {
        let get = |name: &str| environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let Some(address) = get("NOTIFY_SOCKET").filter(|address| !address.is_empty()) else { return Self::default() };
        let line = match line(address) {
            Ok(line) => line,
            Err(error) => {
                tracing::warn!(%error, "the service manager named by NOTIFY_SOCKET cannot be told anything");
                return Self::default();
            }
        };
        // The variables may have been left by a parent that was meant.
        let meant = get("WATCHDOG_PID").is_none_or(|meant| meant.parse() == Ok(process));
        let period = get("WATCHDOG_USEC").and_then(|text| text.parse().ok()).filter(|period| *period > 0 && meant);
        Self { line: Some(line), watchdog: period.map(Duration::from_micros) }
    }

    /// The program serves.
    pub fn ready(&self) {
        self.tell("READY=1");
    }

    /// The program ends.
    pub fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Tells that the program is alive for as long as `is_well` says so, often enough for the manager's watchdog. Never ends;
    /// without a watchdog it asks nothing.
    pub async fn watch(&self, is_well: impl AsyncFn() -> bool) {
        let Some(period) = self.watchdog else { return std::future::pending().await };
        // Twice within the period, as the manual recommends.
        let mut ticks = tokio::time::interval(period / 2);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if is_well().await {
                self.tell("WATCHDOG=1");
            } else {
                tracing::error!("this server does not answer itself: the service manager is not told that it is alive");
            }
        }
    }

    fn tell(&self, state: &str) {
        let Some(Line { socket, to }) = &self.line else { return };
        if let Err(error) = socket.send_to_addr(state.as_bytes(), to) {
            tracing::warn!(%error, state, "the service manager was not told");
        }
    }
}

/// An address that begins with `@` is an abstract one (unix(7)).
fn line(address: &str) -> io::Result<Line> {
    let to = match address.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(address)?,
    };
    let socket = UnixDatagram::unbound()?;
    // A manager that does not read must not hold up media.
    socket.set_nonblocking(true)?;
    Ok(Line { socket, to })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::cell::Cell;

    use super::*;

    fn listener(directory: &tempfile::TempDir) -> (UnixDatagram, Vec<(String, String)>) {
        let path = directory.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        (socket, vec![("NOTIFY_SOCKET".into(), path.to_str().unwrap().into()), ("WATCHDOG_USEC".into(), "20000".into())])
    }

    fn heard(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 64];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn it_is_told_at_its_socket() {
        let directory = tempfile::TempDir::new().unwrap();
        let (socket, environment) = listener(&directory);
        let manager = Manager::find(&environment, 7);
        manager.ready();
        assert_eq!(heard(&socket), "READY=1");
        manager.stopping();
        assert_eq!(heard(&socket), "STOPPING=1");
        let name = format!("videoroom-test-{}", std::process::id());
        let unnamed = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        Manager::find(&[("NOTIFY_SOCKET".into(), format!("@{name}"))], 7).ready();
        assert_eq!(heard(&unnamed), "READY=1");
    }

    #[test]
    fn the_watchdog_is_for_the_process_that_is_meant() {
        let directory = tempfile::TempDir::new().unwrap();
        let (_socket, mut environment) = listener(&directory);
        assert_eq!(Manager::find(&environment, 7).watchdog, Some(Duration::from_millis(20)));
        environment.push(("WATCHDOG_PID".into(), "8".into()));
        assert_eq!(Manager::find(&environment, 7).watchdog, None);
        assert_eq!(Manager::find(&environment, 8).watchdog, Some(Duration::from_millis(20)));
        assert_eq!(Manager::find(&environment[1..], 8).watchdog, None, "nobody listens");
    }

    #[tokio::test]
    async fn it_hears_nothing_of_a_server_that_is_not_well() {
        let directory = tempfile::TempDir::new().unwrap();
        let (socket, environment) = listener(&directory);
        let manager = Manager::find(&environment, 7);
        // Well twice, then never again.
        let asked = Cell::new(0);
        let is_well = async || {
            asked.set(asked.get() + 1);
            asked.get() <= 2
        };
        let enough = async {
            while asked.get() < 5 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = manager.watch(is_well) => {}
            () = enough => {}
        }
        assert_eq!([heard(&socket), heard(&socket)], ["WATCHDOG=1", "WATCHDOG=1"]);
        socket.set_nonblocking(true).unwrap();
        assert!(socket.recv(&mut [0; 64]).is_err(), "nothing more was told");
    }
}
