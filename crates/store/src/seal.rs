//! Sealing: AES-256-GCM with random nonces. What is sealed is bound to its place, so that it opens nowhere else.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// The layout: version, nonce, ciphertext with its tag.
const VERSION: u8 = 1;
const TAG_BYTES: usize = 16;

/// Where a sealed value belongs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What it is, also for messages: `credential`.
    pub purpose: &'static str,
    pub environment_id: &'a str,
    pub record_id: &'a str,
    /// The key that seals it.
    pub key_id: &'a str,
}

/// A key, ready for use. Its bytes are wiped by the cipher's own implementation.
#[derive(Debug)]
pub struct SealingKey(RandomizedNonceKey);

impl SealingKey {
    pub fn new(bytes: &[u8; 32]) -> Result<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, bytes)
            .map(Self)
            .map_err(|_| Error::Unfit { what: "a key", expected: "32 bytes long" })
    }

    /// Seals in place, so that no second copy of the plaintext is made.
    pub fn seal(&self, place: &Place<'_>, mut plain: Zeroizing<Vec<u8>>) -> Result<Vec<u8>> {
        let (nonce, tag) = self
            .0
            .seal_in_place_separate_tag(Aad::from(place.bytes()), plain.as_mut_slice())
            .map_err(|_| Error::NoRandomness)?;
        Ok([[VERSION].as_slice(), nonce.as_ref(), plain.as_slice(), tag.as_ref()].concat())
    }

    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.opened(place, sealed)
            .ok_or_else(|| Error::DoesNotOpen { what: place.purpose, id: place.record_id.to_owned() })
    }

    fn opened(&self, place: &Place<'_>, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&VERSION, rest) = sealed.split_first()? else { return None };
        let (nonce, rest) = rest.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = Zeroizing::new(rest.to_vec());
        self.0.open_in_place(nonce, Aad::from(place.bytes()), buffer.as_mut_slice()).ok()?;
        let plain = buffer.len().checked_sub(TAG_BYTES)?;
        buffer.truncate(plain);
        Some(buffer)
    }
}

impl Place<'_> {
    /// Each part behind its length, so that no two places are the same bytes.
    fn bytes(&self) -> Vec<u8> {
        [self.purpose, self.environment_id, self.record_id, self.key_id]
            .iter()
            .flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.bytes()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { purpose: "credential", environment_id: "e", record_id: "r", key_id: "k" };

    fn key() -> SealingKey {
        SealingKey::new(&[7; 32]).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_alone() {
        let sealed = key().seal(&PLACE, Zeroizing::new(b"secret".to_vec())).unwrap();
        assert_eq!(key().open(&PLACE, &sealed).unwrap().as_slice(), b"secret");
        for other in [
            Place { purpose: "sign-in", ..PLACE },
            Place { environment_id: "e2", ..PLACE },
            Place { record_id: "r2", ..PLACE },
            Place { key_id: "k2", ..PLACE },
            // The same letters with another border between the parts.
            Place { environment_id: "er", record_id: "", ..PLACE },
        ] {
            assert!(matches!(key().open(&other, &sealed), Err(Error::DoesNotOpen { .. })), "{other:?}");
        }
        assert!(SealingKey::new(&[8; 32]).unwrap().open(&PLACE, &sealed).is_err());
    }

    #[test]
    fn any_change_is_noticed() {
        let sealed = key().seal(&PLACE, Zeroizing::new(b"secret".to_vec())).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key().open(&PLACE, &changed).is_err(), "byte {at}");
            assert!(key().open(&PLACE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_secret_is_never_sealed_the_same() {
        let seal = || key().seal(&PLACE, Zeroizing::new(b"secret".to_vec())).unwrap();
        assert_ne!(seal(), seal());
    }
}
