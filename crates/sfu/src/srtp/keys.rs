//! From the DTLS handshake to session keys (RFC 5764 section 4.2, RFC 3711 section 4.3).

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;

/// What was negotiated (RFC 5764 section 4.1.2, RFC 7714 section 14.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// AES in counter mode, HMAC-SHA1 of 80 bits.
    Aes128CmSha1,
    /// AES-GCM, 128 bits.
    Aes128Gcm,
    /// AES-GCM, 256 bits.
    Aes256Gcm,
}

impl Profile {
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Aes128CmSha1 | Self::Aes128Gcm => 16,
            Self::Aes256Gcm => 32,
        }
    }

    pub(super) fn salt_length(self) -> usize {
        match self {
            Self::Aes128CmSha1 => 14,
            Self::Aes128Gcm | Self::Aes256Gcm => 12,
        }
    }
}

/// Keying material of a session: both master keys, then both master salts, the client's first.
#[derive(Clone)]
pub(crate) struct KeyingMaterial {
    profile: Profile,
    bytes: Box<[u8]>,
}

impl std::fmt::Debug for KeyingMaterial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyingMaterial").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl KeyingMaterial {
    /// `None`: not of the length that the profile has.
    pub(crate) fn new(profile: Profile, bytes: &[u8]) -> Option<Self> {
        let length = 2 * (profile.key_length() + profile.salt_length());
        (bytes.len() == length).then(|| Self { profile, bytes: bytes.into() })
    }

    pub(super) fn client(&self) -> Master<'_> {
        self.side(0)
    }

    pub(super) fn server(&self) -> Master<'_> {
        self.side(1)
    }

    fn side(&self, side: usize) -> Master<'_> {
        let (key, salt) = (self.profile.key_length(), self.profile.salt_length());
        let (keys, salts) = self.bytes.split_at(2 * key);
        Master { profile: self.profile, key: &keys[side * key..][..key], salt: &salts[side * salt..][..salt] }
    }
}

/// Master key and salt of one direction.
pub(super) struct Master<'a> {
    pub(super) profile: Profile,
    pub(super) key: &'a [u8],
    pub(super) salt: &'a [u8],
}

/// What a session key is for (RFC 3711 section 4.3.2).
#[derive(Clone, Copy)]
pub(super) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

impl Master<'_> {
    /// Fills `out` with the session key of a label: AES in counter mode over zeros (RFC 3711 section 4.3.3, RFC 6188 for 256 bits,
    /// RFC 7714 section 11 for the shorter salt). The key derivation rate is 0.
    pub(super) fn derive(&self, label: Label, out: &mut [u8]) -> Result<(), Unspecified> {
        let mut iv = [0; 16];
        iv[..self.salt.len()].copy_from_slice(self.salt);
        iv[7] ^= label as u8;
        out.fill(0);
        counter_mode(self.profile, self.key)?.less_safe_encrypt(out, EncryptionContext::Iv128(FixedLength::from(iv)))?;
        Ok(())
    }
}

/// AES in counter mode under a key of the profile's length.
pub(super) fn counter_mode(profile: Profile, key: &[u8]) -> Result<EncryptingKey, Unspecified> {
    let algorithm = if profile == Profile::Aes256Gcm { &AES_256 } else { &AES_128 };
    EncryptingKey::ctr(UnboundCipherKey::new(algorithm, key)?)
}
