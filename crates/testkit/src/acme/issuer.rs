//! Making certificates.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rcgen::{BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, IsCa, KeyPair, SanType};

use super::Problem;

/// The authority's own key and certificate.
pub(super) struct Issuer {
    issuer: rcgen::Issuer<'static, KeyPair>,
    root: String,
}

impl Issuer {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names are fine");
        params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let root = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: rcgen::Issuer::new(params, key), root }
    }

    pub(super) fn root(&self) -> String {
        self.root.clone()
    }

    /// Certificate and key of the authority's HTTPS.
    pub(super) fn own_https(&self) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("an address");
        (params.signed_by(&key, &self.issuer).expect("a certificate").pem(), key.serialize_pem())
    }

    /// The chain for a request (PKCS #10, base64url), which must be for exactly these names.
    pub(super) fn issue(&self, request: &str, names: &[String], lifetime: Duration) -> Result<String, Problem> {
        let bad = |detail: String| Problem::new(400, "badCSR", detail);
        let der = BASE64.decode(request).map_err(|error| bad(error.to_string()))?;
        let mut request = CertificateSigningRequestParams::from_der(&der.into()).map_err(|error| bad(error.to_string()))?;
        let asked: Vec<&str> = request
            .params
            .subject_alt_names
            .iter()
            .filter_map(|name| match name {
                SanType::DnsName(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        if asked != names {
            return Err(bad(format!("it is for {asked:?} and the order for {names:?}")));
        }
        let now = SystemTime::now();
        request.params.not_before = now.into();
        request.params.not_after = (now + lifetime).into();
        let leaf = request.signed_by(&self.issuer).map_err(|error| bad(error.to_string()))?;
        Ok(format!("{}{}", leaf.pem(), self.root))
    }
}
