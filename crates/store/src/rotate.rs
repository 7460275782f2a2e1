//! Rotation of keys: a new data key, everything sealed anew under it, old data keys removed. Each batch is a transaction of its own, so that
//! others write in between, and whatever stops the rotation, the next one goes on where it was.

use crate::accounts;
use crate::apps;
use crate::data_keys::{DataKey, WrappedKey};
use crate::database::{Cells, Write, execute, rows};
use crate::error::{Error, Result};
use crate::sign_ins;
use crate::store::Store;

/// Short enough that other writers do not wait long.
const BATCH: i64 = 100;
/// How often to look again for what was sealed under an old key meanwhile.
const PASSES_MAX: u32 = 10;

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The data key that seals everything now.
    pub data_key_id: String,
    /// Values sealed anew by this call.
    pub resealed: u64,
    /// Data keys that were wrapped by a previous master key, and are by the current one now.
    pub rewrapped: u64,
    /// Old data keys that nothing needs any more.
    pub removed: u64,
    /// Old data keys that are still needed, by damaged values or by writes that came in between; the next rotation looks again.
    pub remaining: u64,
    /// Accounts, sign-ins and OAuth apps whose sealed value does not open; they keep their data key.
    pub damaged: Vec<String>,
}

/// A table with sealed values: where they are, and what they are sealed for.
struct Sealed {
    purpose: &'static str,
    select: &'static str,
    update: &'static str,
}

/// A value is replaced only if it is the one that was read: a newer one was sealed by whoever wrote it.
const SEALED: [Sealed; 3] = [
    Sealed {
        purpose: accounts::PURPOSE,
        select: "SELECT accounts.id AS record_id, environment_id, credential AS sealed, data_key_id, generation, wrapped, master_key_id \
                 FROM accounts JOIN data_keys ON data_keys.id = data_key_id \
                 WHERE accounts.id > $1 AND generation < $2 ORDER BY accounts.id LIMIT $3",
        update: "UPDATE accounts SET credential = $1, data_key_id = $2 WHERE id = $3 AND credential = $4",
    },
    Sealed {
        purpose: sign_ins::PURPOSE,
        select: "SELECT state_digest AS record_id, environment_id, payload AS sealed, data_key_id, generation, wrapped, master_key_id \
                 FROM sign_ins JOIN data_keys ON data_keys.id = data_key_id \
                 WHERE state_digest > $1 AND generation < $2 ORDER BY state_digest LIMIT $3",
        update: "UPDATE sign_ins SET payload = $1, data_key_id = $2 WHERE state_digest = $3 AND payload = $4",
    },
    Sealed {
        purpose: apps::PURPOSE,
        select: "SELECT oauth_apps.id AS record_id, environment_id, secret AS sealed, data_key_id, generation, wrapped, master_key_id \
                 FROM oauth_apps JOIN data_keys ON data_keys.id = data_key_id \
                 WHERE oauth_apps.id > $1 AND generation < $2 ORDER BY oauth_apps.id LIMIT $3",
        update: "UPDATE oauth_apps SET secret = $1, data_key_id = $2 WHERE id = $3 AND secret = $4",
    },
];

impl Store {
    /// Makes a new data key, unless a rotation to one under the current master key was begun and not ended; then seals everything under it.
    /// Afterwards no previous master key is needed. Two nodes may do this at once: they end at the same key.
    pub async fn rotate_keys(&self) -> Result<Rotation> {
        let target = self.begin_rotation().await?;
        let key = target.unwrap(self.keys())?;
        let mut rotation = Rotation {
            data_key_id: key.id.clone(),
            resealed: 0,
            rewrapped: 0,
            removed: 0,
            remaining: 0,
            damaged: Vec::new(),
        };
        // First, for it is quick: from here on the previous master keys are needed no more, even if the rest is interrupted.
        rotation.rewrapped = self.rewrap().await?;
        for _ in 0..PASSES_MAX {
            rotation.damaged.clear();
            for table in &SEALED {
                self.reseal(table, &key, target.generation, &mut rotation).await?;
            }
            rotation.removed += self.remove_unused(target.generation).await?;
            let keys = self.data_keys().await?;
            rotation.remaining = keys.iter().filter(|key| key.generation < target.generation).count() as u64;
            if rotation.remaining == 0 || !rotation.damaged.is_empty() {
                break;
            }
        }
        self.database().forget().await?;
        Ok(rotation)
    }

    async fn begin_rotation(&self) -> Result<WrappedKey> {
        let keys = self.data_keys().await?;
        let begun = keys.len() > 1 && keys.last().is_some_and(|newest| self.is_current(newest));
        if !begun {
            self.make_data_key(keys.last().map_or(0, |newest| newest.generation)).await?;
        }
        let newest = self.data_keys().await?.pop();
        newest.ok_or_else(|| Error::Unexpected { doing: "rotating keys", reason: "there is no data key".to_owned() })
    }

    fn is_current(&self, key: &WrappedKey) -> bool {
        self.keys().current().is_ok_and(|current| current.id == key.master_key_id)
    }

    async fn rewrap(&self) -> Result<u64> {
        let mut rewrapped = 0;
        for key in self.data_keys().await? {
            if self.is_current(&key) {
                continue;
            }
            let master = self.keys().current()?;
            rewrapped += execute!(
                self.database().writer(),
                "wrapping a data key anew",
                "UPDATE data_keys SET wrapped = $1, master_key_id = $2 WHERE id = $3 AND master_key_id = $4",
                key.rewrap(self.keys(), master)?,
                &master.id,
                &key.id,
                &key.master_key_id,
            )?;
        }
        Ok(rewrapped)
    }

    /// One walk over a table by id, so that what does not open stops nothing.
    async fn reseal(&self, table: &Sealed, target: &DataKey, generation: i64, rotation: &mut Rotation) -> Result<()> {
        let mut after = String::new();
        loop {
            let mut write = self.database().write(DOING).await?;
            let batch = rows!(write.on(), DOING, Record::read, table.select, &after, generation, BATCH)?;
            let Some(last) = batch.last() else { return write.roll_back(DOING).await };
            after.clone_from(&last.id);
            for record in &batch {
                match record.resealed(table.purpose, self, target) {
                    Ok(sealed) => rotation.resealed += record.replace(table, &mut write, &sealed, target).await?,
                    Err(Error::DoesNotOpen { .. }) => rotation.damaged.push(record.id.clone()),
                    Err(error) => return Err(error),
                }
            }
            write.commit(DOING).await?;
        }
    }

    /// Removes the older keys that nothing is sealed under. A value that is being written under one of them just now makes that fail, by
    /// the reference.
    async fn remove_unused(&self, generation: i64) -> Result<u64> {
        let removed = execute!(
            self.database().writer(),
            "removing unused data keys",
            "DELETE FROM data_keys WHERE generation < $1 \
             AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.data_key_id = data_keys.id) \
             AND NOT EXISTS (SELECT 1 FROM sign_ins WHERE sign_ins.data_key_id = data_keys.id) \
             AND NOT EXISTS (SELECT 1 FROM oauth_apps WHERE oauth_apps.data_key_id = data_keys.id)",
            generation,
        );
        match removed {
            Err(Error::Dangling { .. }) => Ok(0),
            other => other,
        }
    }
}

const DOING: &str = "sealing anew";

/// A sealed value with the key that opens it.
struct Record {
    id: String,
    environment_id: String,
    sealed: Vec<u8>,
    key: WrappedKey,
}

impl Record {
    fn read(row: &impl Cells) -> Result<Self> {
        Ok(Self {
            id: row.text("record_id")?,
            environment_id: row.text("environment_id")?,
            sealed: row.bytes("sealed")?,
            key: WrappedKey::read(row)?,
        })
    }

    fn resealed(&self, purpose: &'static str, store: &Store, target: &DataKey) -> Result<Vec<u8>> {
        let plain = self.key.unwrap(store.keys())?.open(purpose, &self.environment_id, &self.id, &self.sealed)?;
        target.seal(purpose, &self.environment_id, &self.id, plain)
    }

    async fn replace(&self, table: &Sealed, write: &mut Write, sealed: &[u8], target: &DataKey) -> Result<u64> {
        execute!(write.on(), DOING, table.update, sealed, &target.id, &self.id, &self.sealed)
    }
}
