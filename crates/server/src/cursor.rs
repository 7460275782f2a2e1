//! `next_cursor`: a place in a list, sealed. It holds everything needed to go on, so that any node can, and nothing can be read from or
//! put into it: AES-256-GCM under a key derived from the master key, bound to the account, the resource, the filters and the connector.

use std::time::{Duration, SystemTime};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollcall_engine::Place;
use rollcall_store::MasterKeys;

use crate::error::ApiError;

/// The version of the layout; older ones are refused.
const VERSION: u8 = 1;
/// Letters of a key id in a cursor.
const KEY_ID_BYTES: usize = 16;
/// Longer texts are not cursors.
const LENGTH_MAX: usize = 64 * 1024;

/// Seals and opens cursors.
pub struct Cursors {
    /// By key id; the first one seals.
    keys: Vec<(String, RandomizedNonceKey)>,
    lifetime: Duration,
}

/// What a cursor belongs to.
pub struct Bound<'a> {
    pub account: &'a str,
    pub resource: &'a str,
    pub query: &'a str,
    /// The connector's version: a changed connector may walk otherwise.
    pub connector: &'a str,
}

impl Cursors {
    /// With the keys of the store.
    ///
    /// # Errors
    /// Keys that cannot be used.
    pub fn new(keys: &MasterKeys, lifetime: Duration) -> Result<Self, ApiError> {
        let keys = keys
            .derive("cursor")?
            .into_iter()
            .map(|(id, key)| {
                let key = RandomizedNonceKey::new(&AES_256_GCM, key.expose()).map_err(|_| {
                    ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "the cursor key cannot be used")
                })?;
                Ok((id, key))
            })
            .collect::<Result<_, ApiError>>()?;
        Ok(Self { keys, lifetime })
    }

    /// A place as a cursor.
    ///
    /// # Errors
    /// None that a caller can mend.
    pub fn seal(&self, place: &Place, bound: &Bound<'_>, now: SystemTime) -> Result<String, ApiError> {
        let broken = || ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "the cursor cannot be sealed");
        let (id, key) = self.keys.first().ok_or_else(broken)?;
        let expires = now + self.lifetime;
        let expires = expires.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut bytes = expires.to_le_bytes().to_vec();
        bytes.extend_from_slice(&place.to_bytes());
        let nonce = key.seal_in_place_append_tag(Aad::from(aad(bound)), &mut bytes).map_err(|_| broken())?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(id.as_bytes());
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&bytes);
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The place that a cursor holds.
    ///
    /// # Errors
    /// 400 for one that is tampered with, foreign, of another list, or too old.
    pub fn open(&self, cursor: &str, bound: &Bound<'_>, now: SystemTime) -> Result<Place, ApiError> {
        let foreign = || {
            ApiError::bad_request(
                "`next_cursor` is not one of this list: it was changed on the way, or belongs to another account, resource, filter or sort; give it back as it came, with the same parameters, or start the list again without it",
            )
        };
        if cursor.len() > LENGTH_MAX {
            return Err(foreign());
        }
        let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| foreign())?;
        let (version, rest) = sealed.split_first().ok_or_else(foreign)?;
        if *version != VERSION {
            return Err(ApiError::bad_request("`next_cursor` is of another version of this API; start the list again"));
        }
        let (id, rest) = rest.split_at_checked(KEY_ID_BYTES).ok_or_else(foreign)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_LEN).ok_or_else(foreign)?;
        let (_, key) = self.keys.iter().find(|(known, _)| known.as_bytes() == id).ok_or_else(foreign)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| foreign())?;
        let mut bytes = rest.to_vec();
        let opened = key.open_in_place(nonce, Aad::from(aad(bound)), &mut bytes).map_err(|_| foreign())?;
        let (expires, place) = opened.split_first_chunk::<8>().ok_or_else(foreign)?;
        let expires = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from_le_bytes(*expires));
        if now >= expires {
            return Err(ApiError::bad_request("`next_cursor` has expired; start the list again without it"));
        }
        Place::from_bytes(place).map_err(|_| foreign())
    }
}

/// Parts joined so that none can run into the next.
fn aad(bound: &Bound<'_>) -> Vec<u8> {
    let mut aad = Vec::new();
    for part in [bound.account, bound.resource, bound.query, bound.connector] {
        aad.extend_from_slice(&(part.len() as u64).to_le_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    aad
}
