//! Credentials: read together with the data key that opens them, written only by whom knows the present version.

use super::{Account, PURPOSE, columns};
use crate::credential::Credential;
use crate::data_keys::{WrappedKey, with_newest_data_key};
use crate::database::{Cells, row};
use crate::error::{Error, Result};
use crate::ids;
use crate::store::Store;

impl Store {
    pub async fn account_with_credential(
        &self,
        environment_id: &str,
        id: &str,
    ) -> Result<Option<(Account, Credential)>> {
        if !ids::is_id(environment_id) || !ids::is_id(id) {
            return Ok(None);
        }
        let found = row!(
            self.database().reader(),
            "reading a credential",
            sealed,
            concat!(
                "SELECT ",
                columns!(),
                ", accounts.credential, accounts.data_key_id, data_keys.generation, data_keys.wrapped, data_keys.master_key_id \
                 FROM accounts JOIN data_keys ON data_keys.id = accounts.data_key_id \
                 WHERE accounts.environment_id = $1 AND accounts.id = $2"
            ),
            environment_id,
            id,
        )?;
        let Some((account, bytes, key)) = found else { return Ok(None) };
        let plain = key.unwrap(self.keys())?.open(PURPOSE, &account.environment_id, &account.id, &bytes)?;
        let credential = Credential::from_bytes(&plain, &account.id)?;
        Ok(Some((account, credential)))
    }

    /// Puts a refreshed credential in the place of the version that was read, and gives the new version. `None` when that is no longer the
    /// present one: somebody else was faster, and theirs is to be read again.
    pub async fn save_credential(
        &self,
        id: &str,
        expected_version: i64,
        credential: &Credential,
    ) -> Result<Option<i64>> {
        if !ids::is_id(id) {
            return Ok(None);
        }
        let doing = "saving a credential";
        // An account never changes its environment, so this needs no transaction with the write.
        let environment_id = row!(
            self.database().reader(),
            doing,
            |row| row.text("environment_id"),
            "SELECT environment_id FROM accounts WHERE id = $1",
            id,
        )?;
        let Some(environment_id) = environment_id else { return Ok(None) };
        let saved = with_newest_data_key!(self, |key| {
            let sealed = key.seal(PURPOSE, &environment_id, id, credential.to_bytes()?)?;
            row!(
                self.database().writer(),
                doing,
                |row| row.number("credential_version"),
                "UPDATE accounts SET credential = $3, data_key_id = $4, credential_version = credential_version + 1 \
                     WHERE id = $1 AND credential_version = $2 RETURNING credential_version",
                id,
                expected_version,
                sealed,
                &key.id,
            )
        });
        match saved {
            Err(Error::Dangling { .. }) => Err(Error::Busy { doing }),
            other => other,
        }
    }
}

fn sealed(row: &impl Cells) -> Result<(Account, Vec<u8>, WrappedKey)> {
    Ok((Account::read(row)?, row.bytes("credential")?, WrappedKey::read(row)?))
}
