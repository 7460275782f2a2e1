//! The two databases. Both run the same statements; what differs is here: how connections are made, and how a write transaction begins.

mod cells;
mod postgres;
#[macro_use]
mod run;
mod sqlite;

use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

pub use cells::Cells;
pub use run::bounded;
pub(crate) use run::{execute, row, rows};

use crate::error::Result;
use crate::location::Location;

/// One of the two, whatever the thing is: a pool, a connection, a transaction.
pub enum Engine<S, P> {
    Sqlite(S),
    Postgres(P),
}

#[derive(Clone)]
pub struct Database(Pools);

#[derive(Clone)]
enum Pools {
    /// SQLite has one writer at a time; waiting for a connection is fairer than waiting for its lock.
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction that may write. Rolled back when dropped.
pub struct Write(Engine<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>);

impl Database {
    /// Connects and brings the schema up to date.
    pub async fn open(location: &Location) -> Result<Self> {
        Ok(Self(match location {
            Location::Sqlite(path) => {
                let (writer, reader) = sqlite::open_file(path).await?;
                Pools::Sqlite { writer, reader }
            }
            Location::SqliteMemory => {
                let pool = sqlite::open_memory().await?;
                Pools::Sqlite { writer: pool.clone(), reader: pool }
            }
            Location::Postgres(url) => Pools::Postgres(postgres::open(url).await?),
        }))
    }

    /// For one statement that only reads. In memory this is the writer's connection: not to be used while a `Write` is held.
    pub const fn reader(&self) -> Engine<&SqlitePool, &PgPool> {
        match &self.0 {
            Pools::Sqlite { reader, .. } => Engine::Sqlite(reader),
            Pools::Postgres(pool) => Engine::Postgres(pool),
        }
    }

    /// For one statement that writes.
    pub const fn writer(&self) -> Engine<&SqlitePool, &PgPool> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => Engine::Sqlite(writer),
            Pools::Postgres(pool) => Engine::Postgres(pool),
        }
    }

    pub async fn write(&self, doing: &'static str) -> Result<Write> {
        Ok(Write(match &self.0 {
            // A transaction that began as a reader could not become a writer after another one wrote.
            Pools::Sqlite { writer, .. } => Engine::Sqlite(bounded(doing, writer.begin_with("BEGIN IMMEDIATE")).await?),
            Pools::Postgres(pool) => Engine::Postgres(bounded(doing, pool.begin()).await?),
        }))
    }

    /// Takes what was deleted out of SQLite's log too; overwritten in the file it was already. Readers may hinder it; the next one does it.
    pub async fn forget(&self) -> Result<()> {
        if let Pools::Sqlite { writer, .. } = &self.0 {
            bounded("clearing the log", sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer)).await?;
        }
        Ok(())
    }

    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

impl Write {
    pub fn on(&mut self) -> Engine<&mut SqliteConnection, &mut PgConnection> {
        match &mut self.0 {
            Engine::Sqlite(transaction) => Engine::Sqlite(transaction),
            Engine::Postgres(transaction) => Engine::Postgres(transaction),
        }
    }

    pub async fn commit(self, doing: &'static str) -> Result<()> {
        match self.0 {
            Engine::Sqlite(transaction) => bounded(doing, transaction.commit()).await,
            Engine::Postgres(transaction) => bounded(doing, transaction.commit()).await,
        }
    }

    pub async fn roll_back(self, doing: &'static str) -> Result<()> {
        match self.0 {
            Engine::Sqlite(transaction) => bounded(doing, transaction.rollback()).await,
            Engine::Postgres(transaction) => bounded(doing, transaction.rollback()).await,
        }
    }
}
