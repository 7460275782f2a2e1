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

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_the_hash_of_the_verifier() {
        let pkce = Pkce::from_verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn verifiers_differ_are_long_enough_and_do_not_print() {
        let (one, two) = (Pkce::new().unwrap(), Pkce::new().unwrap());
        assert_ne!(one.verifier().expose(), two.verifier().expose());
        // Section 4.1: 43 to 128 unreserved characters.
        assert_eq!(one.verifier().expose().len(), 43);
        assert!(!format!("{one:?}").contains(one.verifier().expose().as_str()));
    }
}
