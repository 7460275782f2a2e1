//! Data keys: they seal, lie in the database wrapped by a master key, and are read together with what they sealed. Nothing is kept between
//! calls, so that a rotation by another node needs no word to this one.

use zeroize::Zeroizing;

use crate::database::{Cells, execute, row, rows};
use crate::error::{Error, Result};
use crate::ids;
use crate::keys::{MasterKey, MasterKeys};
use crate::seal::{Place, SealingKey};
use crate::store::Store;

/// How often a write is tried again because its data key was removed by a rotation between reading and using it.
pub(crate) const TRIES: u32 = 5;

/// A data key, ready to seal and open.
pub struct DataKey {
    pub id: String,
    key: SealingKey,
}

/// A data key as it is stored.
pub struct WrappedKey {
    pub id: String,
    pub generation: i64,
    pub wrapped: Vec<u8>,
    pub master_key_id: String,
}

impl DataKey {
    pub fn place<'a>(&'a self, purpose: &'static str, environment_id: &'a str, record_id: &'a str) -> Place<'a> {
        Place { purpose, environment_id, record_id, key_id: &self.id }
    }

    pub fn seal(
        &self,
        purpose: &'static str,
        environment_id: &str,
        record_id: &str,
        plain: Zeroizing<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        self.key.seal(&self.place(purpose, environment_id, record_id), plain)
    }

    pub fn open(
        &self,
        purpose: &'static str,
        environment_id: &str,
        record_id: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        self.key.open(&self.place(purpose, environment_id, record_id), sealed)
    }
}

impl WrappedKey {
    pub fn read(row: &impl Cells) -> Result<Self> {
        Ok(Self {
            id: row.text("data_key_id")?,
            generation: row.number("generation")?,
            wrapped: row.bytes("wrapped")?,
            master_key_id: row.text("master_key_id")?,
        })
    }

    pub fn unwrap(&self, keys: &MasterKeys) -> Result<DataKey> {
        let bytes = self.bytes(keys)?;
        Ok(DataKey { id: self.id.clone(), key: SealingKey::new(&bytes)? })
    }

    /// The same key under another master key.
    pub fn rewrap(&self, keys: &MasterKeys, master: &MasterKey) -> Result<Vec<u8>> {
        wrap(&self.id, master, &*self.bytes(keys)?)
    }

    fn bytes(&self, keys: &MasterKeys) -> Result<Zeroizing<[u8; 32]>> {
        let master = keys.find(&self.master_key_id)?;
        let opened = master.wrapping.open(&place(&self.id, master), &self.wrapped)?;
        let bytes: [u8; 32] =
            opened.as_slice().try_into().map_err(|_| Error::DoesNotOpen { what: PURPOSE, id: self.id.clone() })?;
        Ok(Zeroizing::new(bytes))
    }
}

const PURPOSE: &str = "data key";

fn place<'a>(id: &'a str, master: &'a MasterKey) -> Place<'a> {
    Place { purpose: PURPOSE, environment_id: "", record_id: id, key_id: &master.id }
}

fn wrap(id: &str, master: &MasterKey, bytes: &[u8; 32]) -> Result<Vec<u8>> {
    master.wrapping.seal(&place(id, master), Zeroizing::new(bytes.to_vec()))
}

impl Store {
    /// Unwraps every data key, which is how a wrong master key shows: the wrapping is authenticated. An empty database gets its first key.
    pub(crate) async fn check_data_keys(&self) -> Result<()> {
        if self.data_keys().await?.is_empty() {
            self.make_data_key(0).await?;
        }
        for key in self.data_keys().await? {
            key.unwrap(self.keys())?;
        }
        Ok(())
    }

    /// All, oldest first.
    pub(crate) async fn data_keys(&self) -> Result<Vec<WrappedKey>> {
        rows!(
            self.database().reader(),
            "reading the data keys",
            WrappedKey::read,
            "SELECT id AS data_key_id, generation, wrapped, master_key_id FROM data_keys ORDER BY generation"
        )
    }

    /// Makes the data key that comes after a generation, unless another node did.
    pub(crate) async fn make_data_key(&self, generation: i64) -> Result<()> {
        let (id, bytes) = (self.new_id()?, Zeroizing::new(ids::random::<32>()?));
        let master = self.keys().current()?;
        let made = execute!(
            self.database().writer(),
            "making a data key",
            "INSERT INTO data_keys (id, generation, wrapped, master_key_id, created_at) VALUES ($1, $2, $3, $4, $5)",
            &id,
            generation + 1,
            wrap(&id, master, &bytes)?,
            &master.id,
            self.now(),
        );
        match made {
            Ok(_) | Err(Error::Duplicate { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The key that seals what is new.
    pub(crate) async fn newest_data_key(&self) -> Result<DataKey> {
        let newest = row!(
            self.database().reader(),
            "reading the newest data key",
            WrappedKey::read,
            "SELECT id AS data_key_id, generation, wrapped, master_key_id FROM data_keys ORDER BY generation DESC LIMIT 1"
        )?;
        newest
            .ok_or_else(|| Error::Unexpected {
                doing: "reading the newest data key",
                reason: "there is none".to_owned(),
            })?
            .unwrap(self.keys())
    }

    /// What was missing when a write still dangles after all its tries: the environment, or each time the data key.
    pub(crate) async fn missing(&self, environment_id: &str, doing: &'static str) -> Error {
        match self.environment(environment_id).await {
            Ok(Some(_)) => Error::Busy { doing },
            Ok(None) => Error::Absent { what: "environment", id: environment_id.to_owned() },
            Err(error) => error,
        }
    }
}

/// Runs a write with the newest data key, again when that was removed meanwhile: its reference then dangles.
/// A macro and not a function with a closure, whose future would not be `Send` for every lifetime.
macro_rules! with_newest_data_key {
    ($store:expr, |$key:ident| $write:block) => {{
        let mut tries = 1;
        loop {
            let $key = $store.newest_data_key().await?;
            let written: $crate::error::Result<_> = async $write.await;
            match written {
                Err($crate::error::Error::Dangling { .. }) if tries < $crate::data_keys::TRIES => tries += 1,
                other => break other,
            }
        }
    }};
}

pub(crate) use with_newest_data_key;
