//! The two kinds of transform: AES-GCM (RFC 7714), and AES in counter mode with HMAC-SHA1 (RFC 3711).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;

use super::keys::{Label, Master, Profile, counter_mode};
use super::{ENCRYPTED, INDEX, RTCP_HEADER};

const GCM_SALT: usize = 12;
const GCM_TAG: usize = 16;
/// HMAC-SHA1 cut to 80 bits (RFC 3711 section 4.2.1).
const SHA1_TAG: usize = 10;
const SHA1_KEY: usize = 20;
const CM_SALT: usize = 14;

/// One direction's transform of RTP or RTCP.
pub(super) enum Transform {
    Gcm { key: LessSafeKey, salt: [u8; GCM_SALT] },
    // Boxed: rare, and the keys are large.
    CounterMode(Box<CounterMode>),
}

pub(super) struct CounterMode {
    cipher: EncryptingKey,
    authentication: hmac::Key,
    salt: [u8; CM_SALT],
}

impl Transform {
    pub(super) fn rtp(master: &Master<'_>) -> Result<Self, Unspecified> {
        Self::new(master, Label::RtpEncryption, Label::RtpAuthentication, Label::RtpSalt)
    }

    pub(super) fn rtcp(master: &Master<'_>) -> Result<Self, Unspecified> {
        Self::new(master, Label::RtcpEncryption, Label::RtcpAuthentication, Label::RtcpSalt)
    }

    fn new(master: &Master<'_>, encryption: Label, authentication: Label, salting: Label) -> Result<Self, Unspecified> {
        let mut key = [0; 32];
        let key = &mut key[..master.profile.key_length()];
        master.derive(encryption, key)?;
        let algorithm = match master.profile {
            Profile::Aes128Gcm => &AES_128_GCM,
            Profile::Aes256Gcm => &AES_256_GCM,
            Profile::Aes128CmSha1 => {
                let (mut secret, mut salt) = ([0; SHA1_KEY], [0; CM_SALT]);
                master.derive(authentication, &mut secret)?;
                master.derive(salting, &mut salt)?;
                let authentication = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
                let cipher = counter_mode(master.profile, key)?;
                return Ok(Self::CounterMode(Box::new(CounterMode { cipher, authentication, salt })));
            }
        };
        let mut salt = [0; GCM_SALT];
        master.derive(salting, &mut salt)?;
        Ok(Self::Gcm { key: LessSafeKey::new(UnboundKey::new(algorithm, key)?), salt })
    }

    /// `index` is 48 bits wide: rollover counter and sequence number.
    pub(super) fn protect_rtp(&self, bytes: &mut Vec<u8>, start: usize, payload: usize, ssrc: u32, index: u64) -> Result<(), Unspecified> {
        let (before, body) = bytes.split_at_mut_checked(payload).ok_or(Unspecified)?;
        match self {
            Self::Gcm { key, salt } => {
                // RFC 7714 section 8.1: two zero bytes, SSRC, rollover counter, sequence number.
                let nonce = gcm_nonce(salt, ssrc, &index.to_be_bytes()[2..]);
                let header = before.get(start..).ok_or(Unspecified)?;
                let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header), body)?;
                bytes.extend_from_slice(tag.as_ref());
            }
            Self::CounterMode(mode) => {
                mode.apply(body, ssrc, index)?;
                let rollover = ((index >> 16) as u32).to_be_bytes();
                let tag = mode.tag(bytes.get(start..).ok_or(Unspecified)?, &rollover);
                bytes.extend_from_slice(&tag);
            }
        }
        Ok(())
    }

    pub(super) fn protect_rtcp(&self, bytes: &mut Vec<u8>, start: usize, ssrc: u32, index: u32) -> Result<(), Unspecified> {
        let word = (index | ENCRYPTED).to_be_bytes();
        let packet = bytes.get_mut(start..).ok_or(Unspecified)?;
        let (head, body) = packet.split_at_mut_checked(RTCP_HEADER).ok_or(Unspecified)?;
        match self {
            Self::Gcm { key, salt } => {
                let nonce = rtcp_nonce(salt, ssrc, index);
                let tag = key.seal_in_place_separate_tag(nonce, Aad::from(rtcp_aad(head, word)), body)?;
                bytes.extend_from_slice(tag.as_ref());
                bytes.extend_from_slice(&word);
            }
            Self::CounterMode(mode) => {
                mode.apply(body, ssrc, index.into())?;
                bytes.extend_from_slice(&word);
                let tag = mode.tag(&bytes[start..], &[]);
                bytes.extend_from_slice(&tag);
            }
        }
        Ok(())
    }

    /// Opens the body of a packet into `plain`.
    pub(super) fn open_rtp(&self, header: &[u8], sealed: &[u8], ssrc: u32, index: u64, plain: &mut Vec<u8>) -> Result<(), Unspecified> {
        match self {
            Self::Gcm { key, salt } => {
                let (body, tag) = sealed.split_last_chunk::<GCM_TAG>().ok_or(Unspecified)?;
                let nonce = gcm_nonce(salt, ssrc, &index.to_be_bytes()[2..]);
                plain.resize(body.len(), 0);
                key.open_separate_gather(nonce, Aad::from(header), body, tag, plain)
            }
            Self::CounterMode(mode) => {
                let (body, tag) = sealed.split_last_chunk::<SHA1_TAG>().ok_or(Unspecified)?;
                let rollover = ((index >> 16) as u32).to_be_bytes();
                verify_slices_are_equal(&mode.tag_of([header, body, &rollover]), tag)?;
                plain.clear();
                plain.extend_from_slice(body);
                mode.apply(plain, ssrc, index)
            }
        }
    }

    /// Opens a packet into `plain`; returns its index.
    pub(super) fn open_rtcp(&self, packet: &[u8], ssrc: u32, plain: &mut Vec<u8>) -> Result<u32, Unspecified> {
        plain.clear();
        match self {
            Self::Gcm { key, salt } => {
                let (sealed, word) = packet.split_last_chunk::<INDEX>().ok_or(Unspecified)?;
                let index = encrypted_index(*word)?;
                let (head, _) = sealed.split_at_checked(RTCP_HEADER).ok_or(Unspecified)?;
                let aad = Aad::from(rtcp_aad(head, *word));
                plain.extend_from_slice(sealed);
                let opened = key.open_in_place(rtcp_nonce(salt, ssrc, index), aad, &mut plain[RTCP_HEADER..])?.len();
                plain.truncate(RTCP_HEADER + opened);
                Ok(index)
            }
            Self::CounterMode(mode) => {
                let (signed, tag) = packet.split_last_chunk::<SHA1_TAG>().ok_or(Unspecified)?;
                verify_slices_are_equal(&mode.tag(signed, &[]), tag)?;
                let (packet, word) = signed.split_last_chunk::<INDEX>().ok_or(Unspecified)?;
                let index = encrypted_index(*word)?;
                plain.extend_from_slice(packet);
                mode.apply(plain.get_mut(RTCP_HEADER..).ok_or(Unspecified)?, ssrc, index.into())?;
                Ok(index)
            }
        }
    }
}

impl CounterMode {
    /// Encrypts or decrypts (RFC 3711 section 4.1.1).
    fn apply(&self, body: &mut [u8], ssrc: u32, index: u64) -> Result<(), Unspecified> {
        let mut iv = [0; 16];
        iv[..CM_SALT].copy_from_slice(&self.salt);
        xor(&mut iv[4..8], &ssrc.to_be_bytes());
        xor(&mut iv[8..14], &index.to_be_bytes()[2..]);
        self.cipher.less_safe_encrypt(body, EncryptionContext::Iv128(FixedLength::from(iv)))?;
        Ok(())
    }

    fn tag(&self, packet: &[u8], suffix: &[u8]) -> [u8; SHA1_TAG] {
        self.tag_of([packet, suffix])
    }

    fn tag_of<const N: usize>(&self, parts: [&[u8]; N]) -> [u8; SHA1_TAG] {
        let mut context = hmac::Context::with_key(&self.authentication);
        for part in parts {
            context.update(part);
        }
        let mut tag = [0; SHA1_TAG];
        tag.copy_from_slice(&context.sign().as_ref()[..SHA1_TAG]);
        tag
    }
}

/// A packet in the clear is not accepted: nobody who negotiated encryption sends one.
fn encrypted_index(word: [u8; INDEX]) -> Result<u32, Unspecified> {
    let word = u32::from_be_bytes(word);
    if word & ENCRYPTED == 0 { Err(Unspecified) } else { Ok(word & !ENCRYPTED) }
}

/// The SSRC after two zero bytes, then six bytes that never come twice; all of it with the salt.
fn gcm_nonce(salt: &[u8; GCM_SALT], ssrc: u32, unique: &[u8]) -> Nonce {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], &ssrc.to_be_bytes());
    xor(&mut nonce[6..], unique);
    Nonce::assume_unique_for_key(nonce)
}

/// RFC 7714 section 9.1.
pub(super) fn rtcp_nonce(salt: &[u8; GCM_SALT], ssrc: u32, index: u32) -> Nonce {
    let mut unique = [0; 6];
    unique[2..].copy_from_slice(&index.to_be_bytes());
    gcm_nonce(salt, ssrc, &unique)
}

/// RFC 7714 section 9.2: the header and the index word.
fn rtcp_aad(head: &[u8], word: [u8; INDEX]) -> [u8; RTCP_HEADER + INDEX] {
    let mut aad = [0; RTCP_HEADER + INDEX];
    aad[..RTCP_HEADER].copy_from_slice(&head[..RTCP_HEADER]);
    aad[RTCP_HEADER..].copy_from_slice(&word);
    aad
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    for (byte, with) in bytes.iter_mut().zip(with) {
        *byte ^= with;
    }
}
