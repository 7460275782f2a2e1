//! Making, changing and deleting accounts. Each is one statement, so none can be done by half.

use serde_json::Value;

use super::{Account, AccountChange, AccountStatus, NewAccount, PURPOSE, columns};
use crate::data_keys::with_newest_data_key;
use crate::database::{execute, row};
use crate::error::{Error, Result};
use crate::ids;
use crate::store::{Store, storable, storable_or_none};

impl Store {
    pub async fn create_account(&self, new: NewAccount) -> Result<Account> {
        check(Some(&new.auth), new.label.as_deref(), new.base_url.as_deref(), new.external_id.as_deref())?;
        storable("the connector of an account", &new.connector)?;
        let (id, now) = (self.new_id()?, self.now());
        let (settings, overrides) = (json(&new.settings)?, new.overrides.to_string());
        let created = with_newest_data_key!(self, |key| {
            let credential = key.seal(PURPOSE, &new.environment_id, &id, new.credential.to_bytes()?)?;
            row!(
                self.database().writer(),
                "creating an account",
                Account::read,
                concat!(
                    "INSERT INTO accounts (id, environment_id, connector, label, auth, settings, base_url, external_id, overrides, \
                         status, created_at, updated_at, version, credential, credential_version, data_key_id) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, 1, $12, 1, $13) RETURNING ",
                    columns!()
                ),
                &id,
                &new.environment_id,
                &new.connector,
                &new.label,
                &new.auth,
                &settings,
                &new.base_url,
                &new.external_id,
                &overrides,
                new.status.word(),
                now,
                credential,
                &key.id,
            )
        });
        match created {
            Ok(Some(account)) => Ok(account),
            Ok(None) => Err(Error::Unexpected { doing: "creating an account", reason: "no row came back".to_owned() }),
            Err(Error::Dangling { doing }) => Err(self.missing(&new.environment_id, doing).await),
            Err(error) => Err(error),
        }
    }

    /// Changes an account, and gives it as it is then; `None` when this environment has none with that id.
    pub async fn update_account(
        &self,
        environment_id: &str,
        id: &str,
        change: AccountChange,
    ) -> Result<Option<Account>> {
        let new = |value: &Option<Option<String>>| value.clone().flatten();
        let (label, base_url, external_id) = (new(&change.label), new(&change.base_url), new(&change.external_id));
        check(change.auth.as_deref(), label.as_deref(), base_url.as_deref(), external_id.as_deref())?;
        if !ids::is_id(environment_id) || !ids::is_id(id) {
            return Ok(None);
        }
        let settings = change.settings.as_ref().map(json).transpose()?;
        let overrides = change.overrides.as_ref().map(Value::to_string);
        let last_error = change.last_error.as_ref().and_then(Option::as_ref).map(Value::to_string);
        let now = self.now();
        with_newest_data_key!(self, |key| {
            let credential = match &change.credential {
                Some(credential) => Some(key.seal(PURPOSE, environment_id, id, credential.to_bytes()?)?),
                None => None,
            };
            row!(
                self.database().writer(),
                "changing an account",
                Account::read,
                concat!(
                    "UPDATE accounts SET \
                     label = CASE WHEN $3 THEN $4 ELSE label END, \
                     base_url = CASE WHEN $5 THEN $6 ELSE base_url END, \
                     external_id = CASE WHEN $7 THEN $8 ELSE external_id END, \
                     last_error = CASE WHEN $9 THEN $10 ELSE last_error END, \
                     auth = COALESCE($11, auth), settings = COALESCE($12, settings), overrides = COALESCE($13, overrides), \
                     status = COALESCE($14, status), updated_at = $15, version = version + 1, \
                     credential_version = credential_version + CASE WHEN $16 THEN 1 ELSE 0 END, \
                     credential = CASE WHEN $16 THEN $17 ELSE credential END, \
                     data_key_id = CASE WHEN $16 THEN $18 ELSE data_key_id END \
                     WHERE environment_id = $1 AND id = $2 RETURNING ",
                    columns!()
                ),
                environment_id,
                id,
                change.label.is_some(),
                &label,
                change.base_url.is_some(),
                &base_url,
                change.external_id.is_some(),
                &external_id,
                change.last_error.is_some(),
                &last_error,
                &change.auth,
                &settings,
                &overrides,
                change.status.map(AccountStatus::word),
                now,
                credential.is_some(),
                credential.unwrap_or_default(),
                &key.id,
            )
        })
    }

    /// What a call learned of an account. Writes nothing when it is known already; an account that was deleted meanwhile is no error.
    pub async fn set_account_status(&self, id: &str, status: AccountStatus, last_error: Option<Value>) -> Result<()> {
        execute!(
            self.database().writer(),
            "noting the status of an account",
            "UPDATE accounts SET status = $2, last_error = $3, updated_at = $4, version = version + 1 \
             WHERE id = $1 AND (status <> $2 OR last_error IS DISTINCT FROM $3)",
            id,
            status.word(),
            last_error.as_ref().map(Value::to_string),
            self.now(),
        )
        .map(|_| ())
    }

    /// Deletes an account, its credential and its tokens.
    pub async fn delete_account(&self, environment_id: &str, id: &str) -> Result<bool> {
        if !ids::is_id(environment_id) || !ids::is_id(id) {
            return Ok(false);
        }
        let deleted = execute!(
            self.database().writer(),
            "deleting an account",
            "DELETE FROM accounts WHERE environment_id = $1 AND id = $2",
            environment_id,
            id,
        )?;
        if deleted > 0 {
            self.database().forget().await?;
        }
        Ok(deleted > 0)
    }
}

fn check(auth: Option<&str>, label: Option<&str>, base_url: Option<&str>, external_id: Option<&str>) -> Result<()> {
    storable_or_none("the way to sign in of an account", auth)?;
    storable_or_none("the label of an account", label)?;
    storable_or_none("the base URL of an account", base_url)?;
    storable_or_none("the external id of an account", external_id)
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::Unfit { what: "what is to be stored", expected: "JSON" })
}
