//! Signed requests (RFC 8555 section 6.2) and the accounts that sign them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Problem, World};

/// An account, known by its key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Account {
    x: String,
    y: String,
}

/// A request whose signature is right.
pub(super) struct Signed {
    /// Number of the account.
    pub(super) account: usize,
    /// `null` for a read.
    pub(super) payload: Value,
}

#[derive(Deserialize)]
struct Envelope {
    protected: String,
    payload: String,
    signature: String,
}

#[derive(Deserialize)]
struct Protected {
    alg: String,
    nonce: String,
    url: String,
    kid: Option<String>,
    jwk: Option<Account>,
}

impl Account {
    /// What the holder of a name has to show for a challenge's token (RFC 8555 section 8.1).
    pub(super) fn key_authorization(&self, token: &str) -> String {
        // Members in the order of their names and without spaces (RFC 7638 section 3).
        let key = json!({"crv": "P-256", "kty": "EC", "x": self.x, "y": self.y}).to_string();
        format!("{token}.{}", BASE64.encode(digest(&SHA256, key.as_bytes())))
    }

    fn verify(&self, message: &str, signature: &str) -> Option<()> {
        let mut point = vec![4];
        point.extend(BASE64.decode(&self.x).ok()?);
        point.extend(BASE64.decode(&self.y).ok()?);
        let signature = BASE64.decode(signature).ok()?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message.as_bytes(), &signature).ok()
    }
}

/// A random text.
pub(super) fn random() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has randomness");
    BASE64.encode(bytes)
}

/// Opens a request to `path`.
pub(super) fn open(world: &World, path: &str, body: &[u8]) -> Result<Signed, Problem> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|error| Problem::malformed(error.to_string()))?;
    let decode = |text: &str| BASE64.decode(text).map_err(|_| Problem::malformed("no base64url"));
    let protected: Protected =
        serde_json::from_slice(&decode(&envelope.protected)?).map_err(|error| Problem::malformed(error.to_string()))?;
    let mut books = world.books();
    let known = books.nonces.iter().position(|nonce| *nonce == protected.nonce);
    books.nonces.swap_remove(known.ok_or_else(|| Problem::new(400, "badNonce", "an unknown nonce"))?);
    if protected.url != format!("{}{path}", world.base) || protected.alg != "ES256" {
        return Err(Problem::malformed("the address or the algorithm is wrong"));
    }
    let (account, number) = match (protected.jwk, protected.kid) {
        (Some(account), None) if path == "/account" => {
            let known = books.accounts.iter().position(|other| *other == account);
            let number = known.unwrap_or_else(|| {
                books.accounts.push(account.clone());
                books.accounts.len() - 1
            });
            (account, number)
        }
        (None, Some(kid)) if path != "/account" => {
            let number = kid.rsplit('/').next().and_then(|number| number.parse::<usize>().ok());
            let found = number.and_then(|number| Some((books.accounts.get(number)?.clone(), number)));
            found.ok_or_else(|| Problem::new(400, "accountDoesNotExist", "unknown"))?
        }
        _ => return Err(Problem::malformed("jwk for an account, kid for all else")),
    };
    let message = format!("{}.{}", envelope.protected, envelope.payload);
    account.verify(&message, &envelope.signature).ok_or_else(|| Problem::malformed("a wrong signature"))?;
    let payload = decode(&envelope.payload)?;
    let payload =
        if payload.is_empty() { Value::Null } else { serde_json::from_slice(&payload).map_err(|e| Problem::malformed(e.to_string()))? };
    Ok(Signed { account: number, payload })
}
