//! Master keys: they wrap the data keys and are never stored in the database, which knows them by their ids alone.

mod file;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::{digest, hkdf};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use rollcall_model::Secret;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::ids;
use crate::seal::SealingKey;

const KEY_BYTES: usize = 32;
const SALT: &[u8] = b"rollcall master key";
const WRAPPING: &str = "wrapping of data keys";

/// Base64 as tools print it, with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The current master key, and previous ones that still open what they wrapped. Printed by their ids.
#[derive(Clone)]
pub struct MasterKeys {
    /// Current first; never empty.
    keys: Arc<[MasterKey]>,
}

pub struct MasterKey {
    pub id: String,
    key: Secret<[u8; KEY_BYTES]>,
    /// Derived once: the master key itself seals nothing.
    pub wrapping: SealingKey,
}

impl MasterKeys {
    /// Keys of 32 bytes in base64. A previous key that is also the current one counts once.
    pub fn from_base64(current: &str, previous: &[&str]) -> Result<Self> {
        let mut keys: Vec<MasterKey> = Vec::new();
        for (index, text) in std::iter::once(&current).chain(previous).enumerate() {
            let key = MasterKey::parse(text, index + 1)?;
            if keys.iter().all(|known| known.id != key.id) {
                keys.push(key);
            }
        }
        Ok(Self { keys: keys.into() })
    }

    /// The keys of a file: base64, one a line, the current first; empty lines and lines with `#` are passed over. A file that is not there
    /// is made, with one new key. One that others may read is refused.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        let text = file::read_or_create(path)?;
        let lines: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        match lines.as_slice() {
            [] => Err(Error::KeyFile { path: path.to_owned(), problem: "holds no key".to_owned() }),
            [current, previous @ ..] => Self::from_base64(current, previous),
        }
    }

    /// A new key, as text.
    pub fn generate_base64() -> Result<String> {
        let key = Zeroizing::new(ids::random::<KEY_BYTES>()?);
        Ok(BASE64.encode(*key))
    }

    /// For another purpose: a key of its own from each master key, with that master key's id. The current one comes first.
    pub fn derive(&self, purpose: &str) -> Result<Vec<(String, Secret<[u8; 32]>)>> {
        self.keys.iter().map(|key| Ok((key.id.clone(), expand(&key.key, &["derived", purpose])?))).collect()
    }

    /// The ids, current first.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.keys.iter().map(|key| key.id.clone()).collect()
    }

    pub(crate) fn current(&self) -> Result<&MasterKey> {
        self.keys.first().ok_or(Error::MasterKeyForm { position: 1 })
    }

    pub(crate) fn find(&self, id: &str) -> Result<&MasterKey> {
        self.keys
            .iter()
            .find(|key| key.id == id)
            .ok_or_else(|| Error::WrongMasterKey { wanted: id.to_owned(), given: self.ids() })
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MasterKeys").field(&self.ids()).finish()
    }
}

impl MasterKey {
    fn parse(text: &str, position: usize) -> Result<Self> {
        let bytes = Zeroizing::new(BASE64.decode(text.trim()).map_err(|_| Error::MasterKeyForm { position })?);
        let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| Error::MasterKeyForm { position })?;
        let key = Secret::new(key);
        let wrapping = SealingKey::new(expand(&key, &[WRAPPING])?.expose())?;
        Ok(Self { id: id_of(key.expose()), key, wrapping })
    }
}

/// The first 8 bytes of the key's SHA-256: tells keys apart and gives nothing away of 256 random bits.
fn id_of(key: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, key);
    digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// HKDF-SHA256. The parts of the purpose are kept apart by their lengths, so that no two purposes are the same bytes.
fn expand(key: &Secret<[u8; KEY_BYTES]>, purpose: &[&str]) -> Result<Secret<[u8; KEY_BYTES]>> {
    let lengths: Vec<[u8; 8]> = purpose.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
    let info: Vec<&[u8]> =
        lengths.iter().zip(purpose).flat_map(|(length, part)| [length.as_slice(), part.as_bytes()]).collect();
    let mut derived = Zeroizing::new([0; KEY_BYTES]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, SALT)
        .extract(key.expose())
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(derived.as_mut_slice()))
        .map_err(|_| Error::Unfit { what: "the purpose of a derived key", expected: "of reasonable length" })?;
    Ok(Secret::new(*derived))
}
