//! Sign-ins under way: what must be remembered between sending somebody to a provider and their return. One use, and an end.

use std::time::SystemTime;

use aws_lc_rs::digest;
use serde_json::Value;

use crate::credential::to_bytes;
use crate::data_keys::{WrappedKey, with_newest_data_key};
use crate::database::{Cells, execute, row};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::time::micros;

/// What sign-ins are sealed for.
pub(crate) const PURPOSE: &str = "sign-in";

impl Store {
    /// Keeps a sign-in under its state, of which only a digest is stored.
    pub async fn put_sign_in(
        &self,
        state: &str,
        environment_id: &str,
        expires_at: SystemTime,
        payload: &Value,
    ) -> Result<()> {
        let state_digest = digest_of(state);
        let put = with_newest_data_key!(self, |key| {
            let sealed = key.seal(PURPOSE, environment_id, &state_digest, to_bytes(payload)?)?;
            execute!(
                self.database().writer(),
                "keeping a sign-in",
                "INSERT INTO sign_ins (state_digest, environment_id, payload, data_key_id, created_at, expires_at) \
                     VALUES ($1, $2, $3, $4, $5, $6)",
                &state_digest,
                environment_id,
                sealed,
                &key.id,
                self.now(),
                micros(expires_at),
            )
        });
        match put {
            Ok(_) => Ok(()),
            Err(Error::Dangling { doing }) => Err(self.missing(environment_id, doing).await),
            Err(error) => Err(error),
        }
    }

    /// Takes a sign-in: of several tries one gets it. `None` when it is unknown, was taken, or has expired.
    pub async fn take_sign_in(&self, state: &str) -> Result<Option<Value>> {
        // The key is read by the same statement: with its last use gone, a rotation may remove it.
        let taken = row!(
            self.database().writer(),
            "taking a sign-in",
            SignIn::read,
            "DELETE FROM sign_ins WHERE state_digest = $1 RETURNING state_digest, environment_id, payload, expires_at, data_key_id, \
             (SELECT generation FROM data_keys WHERE data_keys.id = data_key_id) AS generation, \
             (SELECT wrapped FROM data_keys WHERE data_keys.id = data_key_id) AS wrapped, \
             (SELECT master_key_id FROM data_keys WHERE data_keys.id = data_key_id) AS master_key_id",
            digest_of(state),
        )?;
        let Some(sign_in) = taken.filter(|sign_in| sign_in.expires_at > self.now()) else { return Ok(None) };
        let key = sign_in.key.unwrap(self.keys())?;
        let plain = key.open(PURPOSE, &sign_in.environment_id, &sign_in.state_digest, &sign_in.payload)?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(|_| Error::DoesNotOpen { what: PURPOSE, id: sign_in.state_digest })
    }
}

struct SignIn {
    state_digest: String,
    environment_id: String,
    payload: Vec<u8>,
    expires_at: i64,
    key: WrappedKey,
}

impl SignIn {
    fn read(row: &impl Cells) -> Result<Self> {
        Ok(Self {
            state_digest: row.text("state_digest")?,
            environment_id: row.text("environment_id")?,
            payload: row.bytes("payload")?,
            expires_at: row.number("expires_at")?,
            key: WrappedKey::read(row)?,
        })
    }
}

fn digest_of(state: &str) -> String {
    digest::digest(&digest::SHA256, state.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
