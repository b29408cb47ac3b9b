//! `--tls-domain`: the program gets its certificate from an authority of the tests.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;
use reqwest::tls::TlsInfo;
use tempfile::TempDir;
use testkit::acme::AcmeServer;
use testkit::{eventually, eventually_within};

use crate::program::{Process, run};

const NAME: &str = "meet.example.org";
/// A proof is several round trips and two keys.
const PATIENCE: Duration = Duration::from_mins(1);

/// An authority, and where the program of the test listens and keeps its state.
struct Place {
    authority: AcmeServer,
    directory: TempDir,
    public: SocketAddr,
}

impl Place {
    fn new() -> Self {
        let (authority, directory) = (AcmeServer::start(), TempDir::new().unwrap());
        fs::write(directory.path().join("authority.pem"), authority.root()).unwrap();
        // The authority has to know the port before the program asks it for the first time.
        let public = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { authority, directory, public }
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn start(&self) -> Process {
        let (listen, directory) = (self.public.to_string(), self.authority.directory());
        let trusted = self.directory.path().join("authority.pem");
        let flags = [
            ["--listen", &listen],
            ["--api-listen", "127.0.0.1:0"],
            ["--tls-domain", NAME],
            ["--acme-directory", &directory],
            ["--acme-ca-file", trusted.to_str().unwrap()],
            ["--acme-email", "ops@example.org"],
        ];
        Process::start(&self.data(), flags.as_flattened())
    }

    /// The certificate that a client gets who asks for the name and trusts nobody but this root.
    async fn shown(&self, root: &str) -> Result<Vec<u8>, String> {
        let root = reqwest::Certificate::from_pem(root.as_bytes()).unwrap();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).tls_info(true).resolve(NAME, self.public);
        let asked = client.build().unwrap().get(format!("https://{NAME}:{}/healthz", self.public.port())).send();
        let answer = asked.await.map_err(|error| format!("{error:?}"))?;
        let certificate = answer.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
        certificate.map(<[u8]>::to_vec).ok_or_else(|| "no certificate".to_owned())
    }

    async fn shown_of_authority(&self) -> Vec<u8> {
        let root = self.authority.root();
        eventually_within(PATIENCE, "the authority's certificate is shown", async || self.shown(&root).await).await
    }

    async fn issued(&self, count: usize) {
        eventually_within(PATIENCE, "certificates are issued", async || match self.authority.issued() {
            issued if issued == count => Ok(()),
            issued => Err(format!("{issued} of {count}, {} proofs failed", self.authority.failures())),
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_gets_a_certificate_on_its_public_port_and_keeps_it_over_a_restart() {
    let place = Place::new();
    place.authority.point(NAME, place.public);
    let process = place.start();
    let first = place.shown_of_authority().await;
    let log = process.end(Signal::SIGTERM).await;
    assert!(log.contains(&format!("a new certificate for {NAME} is shown")), "{log}");
    assert!(!log.contains("ops@example.org"), "{log}");
    for file in fs::read_dir(place.data()).unwrap().map(Result::unwrap) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?} is the owner's alone", file.file_name());
    }

    // Whoever restarts often must not run into the authority's limits.
    place.authority.refuse(Some((429, "rateLimited", "too many orders")));
    let process = place.start();
    assert_eq!(place.shown_of_authority().await, first);
    let log = process.end(Signal::SIGTERM).await;
    assert!(log.contains(&format!("the kept certificate for {NAME} is shown")), "{log}");
    assert_eq!((place.authority.issued(), place.authority.accounts()), (1, 1), "nothing was asked for again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_certificate_that_is_old_is_renewed() {
    let place = Place::new();
    place.authority.point(NAME, place.public);
    place.authority.set_lifetime(Duration::from_secs(1));
    let process = place.start();
    eventually_within(PATIENCE, "a certificate is kept", async || {
        let log = process.log_so_far();
        if log.contains("a new certificate for") { Ok(()) } else { Err(log) }
    })
    .await;
    process.end(Signal::SIGTERM).await;
    place.authority.set_lifetime(Duration::from_hours(24 * 90));
    let process = place.start();
    place.issued(2).await;
    place.shown_of_authority().await;
    process.end(Signal::SIGTERM).await;
    assert_eq!(place.authority.accounts(), 1, "one account for all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_leads_elsewhere_is_said_once_and_the_page_is_served_all_the_same() {
    let place = Place::new();
    let process = place.start();
    eventually("a proof fails", async || if place.authority.failures() > 0 { Ok(()) } else { Err("none".to_owned()) }).await;
    let own = fs::read_to_string(place.data().join("self-signed.pem")).unwrap();
    place.shown(&own).await.unwrap();
    let said = eventually("it is said", async || {
        let log = process.log_so_far();
        let lines: Vec<String> = log.lines().filter(|line| line.contains("WARN") && line.contains(NAME)).map(str::to_owned).collect();
        if lines.is_empty() { Err(log) } else { Ok(lines) }
    })
    .await;
    let cure = format!("let the name {NAME} point to this server's public address (A or AAAA record); next try in 1 min");
    assert!(said.len() == 1 && said[0].contains(&cure), "{said:?}");
    process.end(Signal::SIGTERM).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_that_does_not_answer_is_said_with_the_cure() {
    let data = TempDir::new().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let directory = format!("https://{nobody}/directory");
    let flags = ["--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0", "--tls-domain", NAME, "--acme-directory", &directory];
    let process = Process::start(data.path(), &flags);
    let cure = "check this machine's way to it, or choose another one with --acme-directory";
    eventually("it is said", async || {
        let log = process.log_so_far();
        let said = log.lines().any(|line| line.contains("WARN") && line.contains(&directory) && line.contains(cure));
        if said { Ok(()) } else { Err(log) }
    })
    .await;
    process.end(Signal::SIGTERM).await;
}

#[test]
fn settings_that_cannot_lead_to_a_certificate_are_one_sentence_and_status_2() {
    let place = TempDir::new().unwrap();
    let garbage = place.path().join("garbage.pem");
    fs::write(&garbage, "garbage").unwrap();
    for (flags, expected) in [
        (vec!["--tls-domain", "203.0.113.7"], "error: --tls-domain: \"203.0.113.7\" is no host name"),
        (vec!["--tls-domain", "*.example.org"], "error: --tls-domain: \"*.example.org\" stands for many names"),
        (vec!["--tls-domain", NAME, "--tls", "off"], "error: --tls: it is off although --tls-domain is given"),
        (vec!["--tls-domain", NAME, "--acme-directory", "http://a"], "error: --acme-directory: \"http://a\" is no address"),
        (vec!["--tls-domain", NAME, "--acme-email", "ops"], "error: --acme-email: \"ops\" is no mail address"),
        (vec!["--tls-domain", NAME, "--acme-ca-file", "/nowhere.pem"], "error: --acme-ca-file: cannot read /nowhere.pem"),
        (vec!["--tls-domain", NAME, "--acme-ca-file", garbage.to_str().unwrap()], "error: --acme-ca-file: "),
    ] {
        let output = run(&place.path().join("data"), &flags);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {error}");
        assert!(error.starts_with(expected) && error.lines().count() == 1, "{flags:?}: {error}");
    }
}
