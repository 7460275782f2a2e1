//! The store itself: opening, readiness, closing. What it keeps is in the other modules, a concept each.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::database::{Cells, Database, row};
use crate::error::{Error, Result};
use crate::ids::Ids;
use crate::keys::MasterKeys;
use crate::location::Location;
use crate::time::{self, Clock};

const READY: Duration = Duration::from_secs(2);

/// A connected store. Cloning it is cheap and gives the same one.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    database: Database,
    keys: MasterKeys,
    clock: Clock,
    ids: Ids,
}

impl Store {
    /// Connects, migrates, and checks that the master keys open what is sealed. Several nodes may do this at once.
    pub async fn open(location: &Location, keys: MasterKeys, clock: Clock) -> Result<Self> {
        let database = Database::open(location).await?;
        let store = Self(Arc::new(Inner { database, keys, clock, ids: Ids::default() }));
        store.check_data_keys().await?;
        Ok(store)
    }

    #[must_use]
    pub fn keys(&self) -> &MasterKeys {
        &self.0.keys
    }

    /// Whether the database answers, within 2 seconds.
    pub async fn ready(&self) -> Result<()> {
        let doing = "checking the database";
        let asked =
            async { row!(self.database().reader(), doing, |row| row.number("one"), "SELECT CAST(1 AS BIGINT) AS one") };
        match tokio::time::timeout(READY, asked).await {
            Ok(answer) => answer.map(|_| ()),
            Err(_) => Err(Error::Unavailable { doing, reason: format!("no answer within {READY:?}") }),
        }
    }

    /// Waits for calls that run, then disconnects. Later calls fail.
    pub async fn close(&self) {
        self.database().close().await;
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    /// Now, as it is stored.
    pub(crate) fn now(&self) -> i64 {
        time::micros((self.0.clock)())
    }

    /// A moment that lies so far ahead of now.
    pub(crate) fn after(&self, duration: Duration) -> i64 {
        self.now().saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }

    pub(crate) fn new_id(&self) -> Result<String> {
        self.0.ids.next(self.now())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("keys", &self.0.keys).finish_non_exhaustive()
    }
}

/// A text that both databases can hold; PostgreSQL has no NUL in texts.
pub(crate) fn storable(what: &'static str, text: &str) -> Result<()> {
    if text.contains('\0') { Err(Error::Unfit { what, expected: "without NUL characters" }) } else { Ok(()) }
}

pub(crate) fn storable_or_none(what: &'static str, text: Option<&str>) -> Result<()> {
    text.map_or(Ok(()), |text| storable(what, text))
}

/// The last moment that counts as expired, for an optional limit.
pub(crate) fn expired(expires_at: Option<SystemTime>, now: i64) -> bool {
    expires_at.is_some_and(|at| time::micros(at) <= now)
}
