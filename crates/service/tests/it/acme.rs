//! Certificates by ACME.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use service::certificates::Pace;
use service::tls::{Acme, Tls};
use tempfile::TempDir;
use testkit::acme::AcmeServer;
use testkit::{eventually, eventually_within};

use crate::support::{Port, log, quick};

/// The settings for these names at the authority.
fn settings(authority: &AcmeServer, directory: &Path, names: &[&str]) -> Tls {
    let ca_file = directory.join("authority.pem");
    fs::write(&ca_file, authority.root()).unwrap();
    Tls::Acme(Acme {
        domains: names.iter().map(|name| (*name).to_owned()).collect(),
        directory: authority.directory(),
        email: Some("ops@example.org".to_owned()),
        ca_file: Some(ca_file),
    })
}

async fn issued(authority: &AcmeServer, least: usize) {
    let patience = Duration::from_mins(1);
    eventually_within(patience, "certificates are issued", async || {
        let issued = authority.issued();
        if issued >= least { Ok(()) } else { Err(format!("{issued} of {least}; {}", log::text())) }
    })
    .await;
}

#[tokio::test]
async fn a_certificate_is_proven_on_the_same_port_and_kept() {
    let (authority, place) = (AcmeServer::start(), TempDir::new().unwrap());
    let data = place.path().join("data");
    let names = ["meet.example.org", "talk.example.org"];
    let tls = settings(&authority, place.path(), &names);
    let slow = Pace { renewals: Duration::from_hours(1), ..quick() };
    let port = Port::open(&tls, &data, slow.clone());
    let own = fs::read_to_string(data.join("self-signed.pem")).unwrap();
    port.is_trusted(&own, "localhost").await.unwrap();
    for name in names {
        authority.point(name, port.address);
    }
    issued(&authority, 1).await;
    for name in names {
        eventually("the certificate is shown", async || port.is_trusted(&authority.root(), name).await).await;
    }
    drop(port);

    for file in fs::read_dir(&data).unwrap().map(Result::unwrap) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?} is the owner's alone", file.file_name());
    }
    let port = Port::open(&tls, &data, slow);
    eventually("the kept certificate is shown", async || port.is_trusted(&authority.root(), names[0]).await).await;
    assert_eq!((authority.issued(), authority.accounts()), (1, 1), "nothing was asked for again");
}

#[tokio::test]
async fn a_certificate_is_renewed_before_it_expires() {
    let (authority, place) = (AcmeServer::start(), TempDir::new().unwrap());
    authority.set_lifetime(Duration::from_secs(9));
    let tls = settings(&authority, place.path(), &["meet.example.org"]);
    let port = Port::open(&tls, &place.path().join("data"), quick());
    authority.point("meet.example.org", port.address);
    issued(&authority, 3).await;
    port.is_trusted(&authority.root(), "meet.example.org").await.unwrap();
    assert_eq!(authority.accounts(), 1, "one account for all");
}

#[tokio::test]
async fn a_failure_leaves_the_self_signed_certificate_and_is_tried_again() {
    let (authority, place) = (AcmeServer::start(), TempDir::new().unwrap());
    let data = place.path().join("data");
    authority.refuse(Some((429, "rateLimited", "too many orders")));
    let port = Port::open(&settings(&authority, place.path(), &["meet.example.org"]), &data, quick());
    eventually("an account is made", async || if authority.accounts() == 1 { Ok(()) } else { Err("none".to_owned()) }).await;
    let own = fs::read_to_string(data.join("self-signed.pem")).unwrap();
    port.is_trusted(&own, "localhost").await.unwrap();
    authority.refuse(None);
    // The name does not lead here yet.
    authority.point("meet.example.org", ([127, 0, 0, 1], 1).into());
    eventually("a proof fails", async || if authority.failures() > 0 { Ok(()) } else { Err("none".to_owned()) }).await;
    port.is_trusted(&own, "localhost").await.unwrap();
    assert_eq!(authority.issued(), 0);
    authority.point("meet.example.org", port.address);
    issued(&authority, 1).await;
    eventually("the certificate is shown", async || port.is_trusted(&authority.root(), "meet.example.org").await).await;
}
