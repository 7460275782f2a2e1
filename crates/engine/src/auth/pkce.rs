//! Proof keys for code exchange, RFC 7636, method S256.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollcall_model::Secret;

use super::random;
use crate::fault::Fault;

/// A verifier, kept until the code comes back, and its challenge, which travels through the browser.
#[derive(Clone, Debug)]
pub struct Pkce {
    verifier: Secret<String>,
    challenge: String,
}

impl Pkce {
    /// A fresh verifier of 256 random bits.
    ///
    /// # Errors
    /// The machine gives no random numbers.
    pub fn new() -> Result<Self, Fault> {
        Ok(Self::from_verifier(random::base64url::<32>()?))
    }

    /// The pair of a verifier that was kept.
    #[must_use]
    pub fn from_verifier(verifier: String) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        Self { verifier: Secret::new(verifier), challenge }
    }

    #[must_use]
    pub const fn verifier(&self) -> &Secret<String> {
        &self.verifier
    }

    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.challenge
    }
}
