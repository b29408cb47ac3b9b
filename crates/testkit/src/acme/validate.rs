//! The proof by TLS-ALPN-01 (RFC 8737 section 3).

use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs as provider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::Problem;

const PROTOCOL: &[u8] = b"acme-tls/1";
/// `id-pe-acmeIdentifier`.
const ACME_IDENTIFIER: &str = "1.3.6.1.5.5.7.1.31";

pub(super) async fn prove(name: &str, place: Option<SocketAddr>, authorization: &str) -> Result<(), Problem> {
    let place = place.ok_or_else(|| Problem::new(400, "dns", format!("no address for {name}")))?;
    let unreachable = |error: std::io::Error| Problem::new(400, "connection", format!("{name}: {error}"));
    let stream = TcpStream::connect(place).await.map_err(unreachable)?;
    let server = ServerName::try_from(name.to_owned()).map_err(|error| Problem::malformed(error.to_string()))?;
    let refused = |error: std::io::Error| Problem::new(400, "tls", format!("{name}: {error}"));
    let stream = TlsConnector::from(Arc::new(client())).connect(server, stream).await.map_err(refused)?;
    let wrong = |what: &str| Problem::new(403, "unauthorized", format!("{name}: {what}"));
    let session = stream.get_ref().1;
    if session.alpn_protocol() != Some(PROTOCOL) {
        return Err(wrong("the application protocol is not acme-tls/1"));
    }
    let certificate = session.peer_certificates().and_then(<[_]>::first).ok_or_else(|| wrong("no certificate"))?;
    check(name, certificate, authorization).map_err(|what| wrong(&what))
}

fn check(name: &str, certificate: &CertificateDer<'_>, authorization: &str) -> Result<(), String> {
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|error| error.to_string())?;
    let names = certificate.subject_alternative_name().ok().flatten().map(|names| names.value.general_names.clone()).unwrap_or_default();
    if names != [GeneralName::DNSName(name)] {
        return Err(format!("the certificate is for {names:?}"));
    }
    let extension = certificate.extensions().iter().find(|extension| extension.oid.to_id_string() == ACME_IDENTIFIER);
    let extension = extension.filter(|extension| extension.critical).ok_or("no critical acmeIdentifier")?;
    // An octet string of 32 bytes.
    let expected = [&[4, 32], digest(&SHA256, authorization.as_bytes()).as_ref()].concat();
    if extension.value == expected { Ok(()) } else { Err("the acmeIdentifier is another one".to_owned()) }
}

fn client() -> ClientConfig {
    let provider = Arc::new(provider::default_provider());
    let verifier = Arc::new(AnyCertificate(provider.signature_verification_algorithms));
    let mut config = ClientConfig::builder_with_provider(Arc::<CryptoProvider>::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("the provider has TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config
}

/// Such certificates are self-signed by design; what counts is in them.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is offered".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Ordinary verifiers refuse the critical extension that these certificates are about.
        let (_, parsed) = X509Certificate::from_der(certificate).map_err(|error| Error::General(error.to_string()))?;
        let key = SubjectPublicKeyInfoDer::from(parsed.public_key().raw);
        verify_tls13_signature_with_raw_key(message, &key, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
