//! Certificate files that change while the port is open.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use service::certificates::Pace;
use service::tls::Tls;
use tempfile::TempDir;
use testkit::eventually;

use crate::support::{Port, log, pair, quick};

/// What certbot leaves: names that do not change are links to files that do.
struct Live {
    directory: TempDir,
}

impl Live {
    fn new((certificate, key): &(String, String)) -> Self {
        let live = Self { directory: TempDir::new().unwrap() };
        live.write("1", certificate, key);
        live.link("1");
        live
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, number: &str, certificate: &str, key: &str) {
        fs::write(self.path().join(format!("cert{number}.pem")), certificate).unwrap();
        fs::write(self.path().join(format!("key{number}.pem")), key).unwrap();
    }

    /// Lets the names lead to other files, one after the other and each at once.
    fn link(&self, number: &str) {
        for kind in ["cert", "key"] {
            let aside = self.path().join("aside");
            symlink(format!("{kind}{number}.pem"), &aside).unwrap();
            fs::rename(aside, self.path().join(format!("{kind}.pem"))).unwrap();
        }
    }

    fn tls(&self) -> Tls {
        Tls::Files { certificate: self.path().join("cert.pem"), key: self.path().join("key.pem") }
    }
}

async fn shows(port: &Port, root: &str) {
    eventually("the certificate is shown", async || port.is_trusted(root, "localhost").await).await;
}

#[tokio::test]
async fn renewed_files_are_shown_without_a_restart() {
    let (first, second, third) = (pair(), pair(), pair());
    let live = Live::new(&first);
    let port = Port::open(&live.tls(), &live.path().join("data"), quick());
    shows(&port, &first.0).await;
    live.write("2", &second.0, &second.1);
    live.link("2");
    shows(&port, &second.0).await;
    port.is_trusted(&first.0, "localhost").await.unwrap_err();
    // Other programs write into the same files, or rename new ones over them.
    fs::write(live.path().join("cert2.pem"), &third.0).unwrap();
    fs::write(live.path().join("aside"), &third.1).unwrap();
    fs::rename(live.path().join("aside"), live.path().join("key.pem")).unwrap();
    shows(&port, &third.0).await;
}

#[tokio::test]
async fn a_broken_pair_leaves_the_old_one_in_place_until_it_is_whole() {
    let (first, second) = (pair(), pair());
    let live = Live::new(&first);
    let port = Port::open(&live.tls(), &live.path().join("data"), quick());
    let folder = live.path().to_str().unwrap().to_owned();
    let warnings = || log::lines(&["cannot be used and the certificate before stays", &folder]);
    assert_eq!(warnings(), 0);
    live.write("2", &second.0, &first.1);
    live.link("2");
    eventually("the broken pair is seen", async || if warnings() > 0 { Ok(()) } else { Err("no warning".to_owned()) }).await;
    shows(&port, &first.0).await;
    live.write("3", &second.0, &second.1);
    live.link("3");
    shows(&port, &second.0).await;
    assert_eq!(warnings(), 1, "said once");
}

#[tokio::test]
async fn a_hang_up_signal_loads_them_at_once() {
    let (first, second) = (pair(), pair());
    let live = Live::new(&first);
    let never = Pace { files: Duration::from_hours(1), ..quick() };
    let port = Port::open(&live.tls(), &live.path().join("data"), never);
    shows(&port, &first.0).await;
    live.write("2", &second.0, &second.1);
    live.link("2");
    nix::sys::signal::raise(nix::sys::signal::Signal::SIGHUP).unwrap();
    shows(&port, &second.0).await;
}

#[tokio::test]
async fn the_self_signed_certificate_follows_the_addresses_of_the_machine() {
    let data = TempDir::new().unwrap();
    let port = Port::open(&Tls::SelfSigned, data.path(), quick());
    let pem = || fs::read_to_string(data.path().join("self-signed.pem")).unwrap();
    let first = pem();
    port.is_trusted(&first, "localhost").await.unwrap();
    port.names.lock().unwrap().push("192.0.2.7".to_owned());
    eventually("a certificate for the new address is shown", async || port.is_trusted(&pem(), "192.0.2.7").await).await;
    port.is_trusted(&first, "localhost").await.unwrap_err();
}
