//! Who is who: a signed identity, kept by the page, and the public id of the person, derived from it.
//!
//! ```text
//! identity = base64url( 1 | seed (16 bytes) | HMAC-SHA256(key, "identity" | seed) cut to 16 bytes )
//! personId = hex( HMAC-SHA256(key, "person" | seed) cut to 12 bytes )
//! ```
//! Everybody in a room sees a person id; the identity cannot be found from it.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::name::hex;

/// First byte of an identity, for a later form of it.
const VERSION: u8 = 1;
const SEED: usize = 16;
const TAG: usize = 16;
const PERSON_ID: usize = 12;
/// Longest text that is looked at.
const MAX_TEXT: usize = 128;

/// The key that signs identities. Servers that share it recognise each other's.
pub struct IdentityKey(hmac::Key);

/// What the page keeps and gives back: a secret of that person.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity(String);

/// A person: the public id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    /// Public id, unique and stable for the identity.
    pub id: String,
    /// The secret that it comes from.
    pub identity: Identity,
}

impl IdentityKey {
    /// From the secret of this installation.
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// A person nobody has met before. `seed` is random.
    pub fn create(&self, seed: [u8; SEED]) -> Person {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&seed);
        bytes.extend_from_slice(&self.mac(b"identity", &seed)[..TAG]);
        let identity = Identity(URL_SAFE_NO_PAD.encode(bytes));
        let id = hex(&self.mac(b"person", &seed)[..PERSON_ID]);
        Person { id, identity }
    }

    /// The person whose identity this is; `None` when it is not one that this key signed.
    pub fn verify(&self, identity: &str) -> Option<Person> {
        if identity.len() > MAX_TEXT {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(identity).ok()?;
        let (&version, rest) = bytes.split_first()?;
        let (seed, tag) = rest.split_first_chunk::<SEED>()?;
        let good = verify_slices_are_equal(&self.mac(b"identity", seed)[..TAG], tag).is_ok();
        (version == VERSION && good).then(|| self.create(*seed))
    }

    fn mac(&self, purpose: &[u8], seed: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose);
        context.update(b"\0");
        context.update(seed);
        let mut mac = [0; 32];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }
}

impl Identity {
    /// The text for the page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

impl std::hash::Hash for Identity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const SECRET: &[u8] = b"a secret of at least 32 bytes, for tests";

    #[test]
    fn an_identity_is_recognised_by_the_key_that_signed_it() {
        let key = IdentityKey::new(SECRET);
        let ana = key.create([7; SEED]);
        assert_eq!(key.verify(ana.identity.as_str()), Some(ana.clone()));
        assert_eq!(IdentityKey::new(SECRET).verify(ana.identity.as_str()), Some(ana.clone()), "after a restart");
        assert_eq!(IdentityKey::new(b"another").verify(ana.identity.as_str()), None);
        assert_ne!(key.create([8; SEED]).id, ana.id);
        assert_eq!(ana.id.len(), 2 * PERSON_ID);
    }

    #[test]
    fn nothing_else_is() {
        let key = IdentityKey::new(SECRET);
        let identity = key.create([7; SEED]).identity;
        let good = URL_SAFE_NO_PAD.decode(identity.as_str()).unwrap();
        for index in 0..good.len() {
            let mut bytes = good.clone();
            bytes[index] ^= 1;
            assert_eq!(key.verify(&URL_SAFE_NO_PAD.encode(&bytes)), None, "byte {index}");
        }
        for length in 0..good.len() {
            assert_eq!(key.verify(&URL_SAFE_NO_PAD.encode(&good[..length])), None, "{length} bytes");
        }
        let longer = [good.as_slice(), b"x"].concat();
        assert_eq!(key.verify(&URL_SAFE_NO_PAD.encode(longer)), None);
        for text in ["", "=", "identity", "\u{0}", &"A".repeat(1 << 16)] {
            assert_eq!(key.verify(text), None, "{text:.20}");
        }
    }

    #[test]
    fn the_public_id_does_not_contain_the_secret() {
        let person = IdentityKey::new(SECRET).create([7; SEED]);
        assert!(!person.identity.as_str().contains(&person.id));
        assert!(!format!("{person:?}").contains(person.identity.as_str()));
        assert!(!person.id.contains(&hex(&[7; SEED])));
    }
}
