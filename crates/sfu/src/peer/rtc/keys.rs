//! Takes the session keys of SRTP out of the library's handshake: media is protected and opened by [`crate::srtp`].
//!
//! The library hands keys to nobody, but lets its crypto be replaced. A DTLS implementation that wraps its own sees them pass by;
//! they wait for the session that makes the call, which is always on this thread.

use std::cell::RefCell;
use std::time::Instant;

use str0m::config::{CryptoProvider, DtlsVersion};
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, KeyingMaterial as Exported, ProtocolVersion, SrtpProfile,
};

use crate::srtp::{KeyingMaterial, Profile};

thread_local! {
    /// What came out of the call that runs now.
    static EXPORTED: RefCell<Option<Export>> = const { RefCell::new(None) };
}

/// What a finished handshake gives.
#[derive(Clone, Debug)]
pub(crate) enum Export {
    /// Keys.
    Keys(KeyingMaterial),
    /// Keys of a kind that we cannot use.
    Unusable,
}

/// The library's crypto with a DTLS that shows its keys.
pub(super) fn provider() -> CryptoProvider {
    CryptoProvider { dtls_provider: &Exporting, ..str0m::crypto::from_feature_flags() }
}

/// What came out of the last call into the library on this thread. Taken before a call, too: a call that broke leaves nothing behind for
/// the next session.
pub(super) fn take() -> Option<Export> {
    EXPORTED.take()
}

#[derive(Debug)]
struct Exporting;

impl DtlsProvider for Exporting {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = str0m::crypto::from_feature_flags().dtls_provider.new_dtls(cert, now, version, mtu)?;
        Ok(Box::new(Handshake { inner }))
    }
}

#[derive(Debug)]
struct Handshake {
    inner: Box<dyn DtlsInstance>,
}

impl DtlsInstance for Handshake {
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.inner.poll_output(buf);
        if let DtlsOutput::KeyingMaterial(exported, profile) = &output {
            EXPORTED.set(Some(material(exported, *profile).map_or(Export::Unusable, Export::Keys)));
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}

fn material(exported: &Exported, profile: SrtpProfile) -> Option<KeyingMaterial> {
    let profile = match profile {
        SrtpProfile::AES128_CM_SHA1_80 => Profile::Aes128CmSha1,
        SrtpProfile::AEAD_AES_128_GCM => Profile::Aes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => Profile::Aes256Gcm,
        // Never negotiated: the library offers these three.
        _ => return None,
    };
    KeyingMaterial::new(profile, exported)
}

#[cfg(test)]
pub(super) fn leave_behind(keys: KeyingMaterial) {
    EXPORTED.set(Some(Export::Keys(keys)));
}
