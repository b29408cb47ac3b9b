//! Reads what the engine sends, before the network loses or reorders it, with the keys of the client's handshake.
//!
//! An implementation of its own of SRTP with AES-256-GCM (RFC 3711, RFC 7714), which is what these clients negotiate.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

const KEY: usize = 32;
const SALT: usize = 12;

/// A media packet as it left the engine.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) payload_type: u8,
    /// Extended.
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) payload: Vec<u8>,
}

/// The datagrams that left the engine for each client.
#[derive(Default)]
pub(crate) struct Tap {
    datagrams: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Tap {
    pub(crate) fn note(&mut self, name: &str, datagram: &[u8]) {
        if is_rtp(datagram) {
            self.datagrams.entry(name.to_owned()).or_default().push(datagram.to_vec());
        }
    }

    /// Everything that left for a client, by SSRC, in the order in which it left. Everything has to be authentic.
    pub(crate) fn sent(&self, name: &str, keying_material: &[u8]) -> BTreeMap<u32, Vec<Sent>> {
        let (keys, salts) = keying_material.split_at(2 * KEY);
        let opener = Opener::new(&keys[KEY..], &salts[SALT..]);
        let mut streams: BTreeMap<u32, Vec<Sent>> = BTreeMap::new();
        for datagram in self.datagrams.get(name).into_iter().flatten() {
            let ssrc = u32::from_be_bytes(datagram[8..12].try_into().expect("four bytes"));
            let stream = streams.entry(ssrc).or_default();
            let newest = stream.iter().map(|sent| sent.sequence).max();
            stream.push(opener.open(datagram, ssrc, newest));
        }
        streams
    }
}

/// RTP, but not RTCP (RFC 5761 section 4, RFC 7983).
fn is_rtp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, second, ..] if !(192..=223).contains(second))
}

struct Opener {
    key: LessSafeKey,
    salt: [u8; SALT],
}

impl Opener {
    /// From the server's master key and salt.
    fn new(key: &[u8], salt: &[u8]) -> Self {
        let (mut session_key, mut session_salt) = ([0; KEY], [0; SALT]);
        derive(key, salt, 0, &mut session_key);
        derive(key, salt, 2, &mut session_salt);
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &session_key).expect("a key"));
        Self { key, salt: session_salt }
    }

    fn open(&self, datagram: &[u8], ssrc: u32, newest: Option<u64>) -> Sent {
        let short = u16::from_be_bytes([datagram[2], datagram[3]]);
        let sequence = match newest {
            None => u64::from(short),
            Some(newest) => newest.wrapping_add_signed(i64::from(short.wrapping_sub(newest as u16).cast_signed())),
        };
        let has_extensions = datagram[0] & 0x10 != 0;
        let words = if has_extensions { usize::from(u16::from_be_bytes([datagram[14], datagram[15]])) } else { 0 };
        let header = 12 + if has_extensions { 4 + 4 * words } else { 0 };
        let mut nonce = [0; SALT];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..].copy_from_slice(&sequence.to_be_bytes()[2..]);
        nonce.iter_mut().zip(self.salt).for_each(|(byte, salt)| *byte ^= salt);
        let mut payload = datagram[header..].to_vec();
        let opened = self.key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(&datagram[..header]), &mut payload);
        let length = opened.expect("what the engine sends is authentic").len();
        payload.truncate(length);
        let timestamp = u32::from_be_bytes(datagram[4..8].try_into().expect("four bytes"));
        Sent { payload_type: datagram[1] & 0x7f, sequence, timestamp, payload }
    }
}

/// RFC 3711 section 4.3.3 with a salt as in RFC 7714 section 11.
fn derive(key: &[u8], salt: &[u8], label: u8, out: &mut [u8]) {
    let mut iv = [0; 16];
    iv[..SALT].copy_from_slice(salt);
    iv[7] ^= label;
    let cipher = EncryptingKey::ctr(UnboundCipherKey::new(&AES_256, key).expect("a key")).expect("a cipher");
    cipher.less_safe_encrypt(out, EncryptionContext::Iv128(FixedLength::from(iv))).expect("zeros are encrypted");
}
