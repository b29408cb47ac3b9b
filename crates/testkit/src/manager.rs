//! A service manager that listens, as systemd does (`sd_notify(3)`).

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long the manager waits for the next word.
const PATIENCE: Duration = Duration::from_secs(15);

/// Hears what a program tells the socket that `NOTIFY_SOCKET` names. It reads all the time: the kernel keeps ten datagrams only, and the
/// program drops what finds no room.
pub struct Manager(Receiver<String>);

impl Manager {
    /// Listens at a path that does not exist yet. Ends with the process.
    ///
    /// # Panics
    /// When the socket cannot be made.
    pub fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("a socket can be made");
        let (sender, words) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 64];
            while let Ok(length) = socket.recv(&mut buffer) {
                if sender.send(String::from_utf8_lossy(&buffer[..length]).into_owned()).is_err() {
                    break;
                }
            }
        });
        Self(words)
    }

    /// The next word.
    ///
    /// # Panics
    /// When there is none for 15 s.
    pub fn heard(&self) -> String {
        self.0.recv_timeout(PATIENCE).expect("the manager is told something")
    }

    /// Skips other words until this one.
    ///
    /// # Panics
    /// When it does not come among the next thousand.
    pub fn heard_next(&self, wanted: &str) {
        let heard = (0..1_000).any(|_| self.heard() == wanted);
        assert!(heard, "{wanted} was never told");
    }
}
