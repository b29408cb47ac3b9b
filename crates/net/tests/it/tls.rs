use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use net::tcp::{Limits, ServerTls, TlsError};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::tcp::{Server, read_all};

/// A directory of one test, removed with it.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("net-it-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn names() -> Vec<String> {
    vec!["localhost".to_owned(), "127.0.0.1".to_owned()]
}

/// A client that trusts exactly this certificate.
async fn connect(server: &Server, trusted: CertificateDer<'static>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await
}

#[tokio::test]
async fn one_port_speaks_http_and_https_and_protocols_within_tls() {
    let directory = Directory::new("both");
    let tls = ServerTls::self_signed(&directory.0, &names()).unwrap();
    let server = Server::start(Limits::default(), Some(tls.clone()));

    let mut secure = connect(&server, tls.certificate()).await.unwrap();
    secure.write_all(b"GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").await.unwrap();
    let text = read_all(&mut secure).await;
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with(" true"), "{text}");

    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(read_all(&mut plain).await.ends_with(" false"));

    let mut secure = connect(&server, tls.certificate()).await.unwrap();
    secure.write_all(b"SHOUT:psst").await.unwrap();
    let mut answer = [0; 10];
    secure.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"SHOUT:PSST");

    let mut broken = TcpStream::connect(server.address).await.unwrap();
    broken.write_all(b"\x16\x03\x01\x00\x05hello").await.unwrap();
    let mut alert = Vec::new();
    let _ = broken.read_to_end(&mut alert).await;
    assert_eq!(server.counters.handshakes_failed.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_replaced_certificate_is_shown_from_the_next_connection_on() {
    let (first, second) = (Directory::new("first"), Directory::new("second"));
    let tls = ServerTls::self_signed(&first.0, &names()).unwrap();
    let old = tls.certificate();
    let server = Server::start(Limits::default(), Some(tls.clone()));
    let open = connect(&server, old.clone()).await.unwrap();

    ServerTls::self_signed(&second.0, &names()).unwrap();
    let pem = std::fs::read(second.0.join("self-signed.pem")).unwrap();
    tls.replace_pem(&pem, &pem).unwrap();
    assert!(connect(&server, old).await.is_err(), "the old certificate is still shown");
    connect(&server, tls.certificate()).await.unwrap();

    let kept = tls.certificate();
    assert!(tls.replace_pem(b"nothing", b"nothing").is_err());
    assert_eq!(tls.certificate(), kept);
    drop(open);
}

#[test]
fn the_self_signed_certificate_survives_a_restart_and_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new("kept");
    let first = ServerTls::self_signed(&directory.0, &names()).unwrap().certificate();
    let file = directory.0.join("self-signed.pem");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(ServerTls::self_signed(&directory.0, &names()).unwrap().certificate(), first);
    let more = [names(), vec!["meet.example".to_owned()]].concat();
    assert_ne!(ServerTls::self_signed(&directory.0, &more).unwrap().certificate(), first);

    std::fs::write(&file, "half a fi").unwrap();
    ServerTls::self_signed(&directory.0, &names()).unwrap();
}

#[test]
fn wrong_files_are_named() {
    let directory = Directory::new("wrong");
    let (absent, empty) = (directory.0.join("absent.pem"), directory.0.join("empty.pem"));
    std::fs::write(&empty, "").unwrap();
    let of = |certificates: &Path, key: &Path| ServerTls::from_pem_files(certificates, key).unwrap_err();
    assert!(matches!(of(&absent, &empty), TlsError::Unreadable { path, .. } if path == absent));
    assert!(matches!(of(&empty, &empty), TlsError::NoCertificate));

    let (one, two) = (directory.0.join("one"), directory.0.join("two"));
    for path in [&one, &two] {
        ServerTls::self_signed(path, &names()).unwrap();
    }
    let mixed = of(&one.join("self-signed.pem"), &two.join("self-signed.pem"));
    assert!(matches!(mixed, TlsError::Unusable(_)), "{mixed:?}");

    let blocked = ServerTls::self_signed(&empty.join("below-a-file"), &names()).unwrap_err();
    assert!(matches!(blocked, TlsError::Unwritable { .. } | TlsError::Unreadable { .. }), "{blocked:?}");
    let bad_name = ServerTls::self_signed(&directory.0, &["bücher".to_owned()]).unwrap_err();
    assert!(matches!(bad_name, TlsError::Generation(_)), "{bad_name:?}");
}
