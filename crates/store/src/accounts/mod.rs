//! Integrated accounts: a connector, its settings, and a credential that is sealed at rest.

mod credential;
mod read;
mod write;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::Value;

use crate::credential::Credential;
use crate::database::Cells;
use crate::error::{Error, Result};

/// What credentials are sealed for.
pub(crate) const PURPOSE: &str = "credential";

/// An account, without its credential.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: String,
    pub environment_id: String,
    /// The connector's id.
    pub connector: String,
    pub label: Option<String>,
    /// The name of the way to sign in, as the connector has it.
    pub auth: String,
    pub settings: BTreeMap<String, String>,
    pub base_url: Option<String>,
    /// The caller's own id for it; need not be unique.
    pub external_id: Option<String>,
    pub overrides: Value,
    pub status: AccountStatus,
    pub last_error: Option<Value>,
    pub created_at: SystemTime,
    pub updated_at: SystemTime,
    /// Grows with every change, except when only the credential was refreshed.
    pub version: i64,
    /// Grows with every new credential.
    pub credential_version: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStatus {
    Connecting,
    Active,
    NeedsReauth,
}

#[derive(Clone, Debug)]
pub struct NewAccount {
    pub environment_id: String,
    pub connector: String,
    pub label: Option<String>,
    pub auth: String,
    pub settings: BTreeMap<String, String>,
    pub credential: Credential,
    pub base_url: Option<String>,
    pub external_id: Option<String>,
    pub overrides: Value,
    pub status: AccountStatus,
}

/// Which accounts to list; what is `None` does not matter.
#[derive(Clone, Debug)]
pub struct AccountFilter {
    pub connector: Option<String>,
    pub status: Option<AccountStatus>,
    pub external_id: Option<String>,
    /// Those with a greater id: the last of the page before.
    pub after: Option<String>,
    /// From 1 to 10,000; 100 by default.
    pub limit: u32,
}

impl Default for AccountFilter {
    fn default() -> Self {
        Self { connector: None, status: None, external_id: None, after: None, limit: 100 }
    }
}

/// What to change: `None` leaves it as it is, `Some(None)` takes it away.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    pub label: Option<Option<String>>,
    pub settings: Option<BTreeMap<String, String>>,
    pub credential: Option<Credential>,
    pub auth: Option<String>,
    pub base_url: Option<Option<String>>,
    pub overrides: Option<Value>,
    pub external_id: Option<Option<String>>,
    pub status: Option<AccountStatus>,
    pub last_error: Option<Option<Value>>,
}

impl AccountStatus {
    /// The word on the wire and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Active => "active",
            Self::NeedsReauth => "needs_reauth",
        }
    }

    /// The status that a word means.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Connecting, Self::Active, Self::NeedsReauth].into_iter().find(|status| status.word() == word)
    }
}

impl Account {
    pub(crate) fn read(row: &impl Cells) -> Result<Self> {
        let status = row.text("status")?;
        Ok(Self {
            id: row.text("id")?,
            environment_id: row.text("environment_id")?,
            connector: row.text("connector")?,
            label: row.text_or_none("label")?,
            auth: row.text("auth")?,
            settings: row.json("settings")?,
            base_url: row.text_or_none("base_url")?,
            external_id: row.text_or_none("external_id")?,
            overrides: row.json("overrides")?,
            status: AccountStatus::parse(&status).ok_or_else(|| Error::Unexpected {
                doing: "reading an account",
                reason: "its status is not one that is known here".to_owned(),
            })?,
            last_error: row.json_or_none("last_error")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            version: row.number("version")?,
            credential_version: row.number("credential_version")?,
        })
    }
}

/// The columns that `Account::read` needs.
macro_rules! columns {
    () => {
        "accounts.id, accounts.environment_id, accounts.connector, accounts.label, accounts.auth, accounts.settings, accounts.base_url, \
         accounts.external_id, accounts.overrides, accounts.status, accounts.last_error, accounts.created_at, accounts.updated_at, \
         accounts.version, accounts.credential_version"
    };
}

use columns;
pub(crate) use write::json;
