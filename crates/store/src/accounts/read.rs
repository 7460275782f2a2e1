//! Finding accounts. An id of another environment is as one that is not there.

use super::{Account, AccountFilter, columns};
use crate::database::{row, rows};
use crate::error::Result;
use crate::ids;
use crate::store::Store;

/// One more than any page of the API, and some.
const LIMIT_MAX: u32 = 10_000;

impl Store {
    /// An account, without its credential.
    pub async fn account(&self, environment_id: &str, id: &str) -> Result<Option<Account>> {
        if !ids::is_id(environment_id) || !ids::is_id(id) {
            return Ok(None);
        }
        row!(
            self.database().reader(),
            "looking for an account",
            Account::read,
            concat!("SELECT ", columns!(), " FROM accounts WHERE environment_id = $1 AND id = $2"),
            environment_id,
            id,
        )
    }

    /// Accounts by id, which is by age.
    pub async fn accounts(&self, environment_id: &str, filter: AccountFilter) -> Result<Vec<Account>> {
        let texts = [filter.connector.as_deref(), filter.external_id.as_deref(), filter.after.as_deref()];
        if !ids::is_id(environment_id) || texts.iter().flatten().any(|text| text.contains('\0')) {
            return Ok(Vec::new());
        }
        let [connector, external_id, after] = texts;
        rows!(
            self.database().reader(),
            "listing accounts",
            Account::read,
            concat!(
                "SELECT ",
                columns!(),
                " FROM accounts WHERE environment_id = $1 AND ($2 IS NULL OR connector = $2) AND ($3 IS NULL OR external_id = $3) \
                 AND ($4 IS NULL OR status = $4) AND ($5 IS NULL OR id > $5) ORDER BY id LIMIT $6"
            ),
            environment_id,
            connector,
            external_id,
            filter.status.map(super::AccountStatus::word),
            after,
            i64::from(filter.limit.clamp(1, LIMIT_MAX)),
        )
    }
}
