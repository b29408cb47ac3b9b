//! A port that shows what the settings say, and a client that looks at it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use net::tcp::{Acceptor, Limits, ListenAddress};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use service::certificates::{self, Pace};
use service::data_dir::DataDir;
use service::tls::Tls;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

/// A listening port whose certificate is kept up to date.
pub(crate) struct Port {
    pub(crate) address: SocketAddr,
    /// Names of the self-signed certificate.
    pub(crate) names: Arc<Mutex<Vec<String>>>,
    tasks: [JoinHandle<()>; 2],
}

impl Port {
    pub(crate) fn open(tls: &Tls, data_dir: &Path, pace: Pace) -> Self {
        log::start();
        let names = Arc::new(Mutex::new(vec!["localhost".to_owned()]));
        let mut acceptor = Acceptor::bind(&ListenAddress::One(([127, 0, 0, 1], 0).into()), Limits::default()).unwrap();
        let told = Arc::clone(&names);
        let names_now = Arc::new(move || told.lock().unwrap().clone());
        let data_dir = DataDir::open(data_dir).unwrap();
        let shown = certificates::open(tls, &data_dir, names_now, acceptor.local_addr().port()).unwrap().unwrap();
        acceptor.set_tls(shown.server_tls());
        let address = acceptor.local_addr();
        let router = axum::Router::new().fallback(async || "hello");
        let serving = tokio::spawn(acceptor.serve(router, std::future::pending()));
        Self { address, names, tasks: [serving, tokio::spawn(shown.keep(pace))] }
    }

    /// Whether a client that trusts only `root` accepts the port as `name`.
    pub(crate) async fn is_trusted(&self, root: &str, name: &str) -> Result<(), String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map(drop).map_err(|error| error.to_string())
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Looks often, so that tests are short.
pub(crate) fn quick() -> Pace {
    let short = Duration::from_millis(20);
    Pace { files: short, names: short, retries: vec![Duration::from_millis(200)], renewals: short }
}

/// A certificate for localhost that is its own root, and its key, both PEM.
pub(crate) fn pair() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

/// What was logged in this process.
pub(crate) mod log {
    use std::fmt::Write as _;
    use std::sync::{Mutex, Once};

    use tracing_subscriber::fmt::MakeWriter;

    static TEXT: Mutex<String> = Mutex::new(String::new());
    static START: Once = Once::new();

    struct Writer;

    impl std::io::Write for Writer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            write!(TEXT.lock().unwrap(), "{}", String::from_utf8_lossy(bytes)).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Writer {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            Self
        }
    }

    pub(crate) fn start() {
        START.call_once(|| tracing_subscriber::fmt().with_ansi(false).with_writer(Writer).init());
    }

    /// All of it, to say why a test fails.
    pub(crate) fn text() -> String {
        TEXT.lock().unwrap().clone()
    }

    /// Lines with all the parts.
    pub(crate) fn lines(parts: &[&str]) -> usize {
        TEXT.lock().unwrap().lines().filter(|line| parts.iter().all(|part| line.contains(part))).count()
    }
}
