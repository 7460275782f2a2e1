//! SQLite: one file for its owner alone, a write-ahead log, one connection that writes and a few that read.

use std::fs::{self, OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection, SqlitePool};

use crate::error::{Error, Result};
use crate::migrations;

const READERS: u32 = 4;
const BUSY: Duration = Duration::from_secs(10);
const ACQUIRE: Duration = Duration::from_secs(10);
const DOING: &str = "opening the database";

pub async fn open_file(path: &Path) -> Result<(SqlitePool, SqlitePool)> {
    let path = std::path::absolute(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    keep_private(&path)?;
    let options = options().filename(&path).journal_mode(SqliteJournalMode::Wal);
    prepare(&options).await?;
    let writer = pool(1).connect_lazy_with(options.clone());
    let reader = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
    Ok((writer, reader))
}

pub async fn open_memory() -> Result<SqlitePool> {
    // The database lives as long as its one connection.
    let pool = pool(1).idle_timeout(None).max_lifetime(None).connect_lazy_with(options().in_memory(true));
    let mut connection = pool.acquire().await.map_err(|error| Error::of(DOING, error))?;
    migrate(&mut connection).await?;
    drop(connection);
    Ok(pool)
}

async fn prepare(options: &SqliteConnectOptions) -> Result<()> {
    let mut connection = SqliteConnection::connect_with(options).await.map_err(|error| Error::of(DOING, error))?;
    migrate(&mut connection).await?;
    connection.close().await.map_err(|error| Error::of(DOING, error))
}

/// In one transaction that holds the write lock from its beginning: of several that start together one migrates, the others find it done.
async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    let doing = "migrating the database";
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(|error| Error::of(doing, error))?;
    migrations::run(&migrations::sqlite(), &mut *transaction)
        .await
        .map_err(|error| Error::of_migration(doing, error))?;
    transaction.commit().await.map_err(|error| Error::of(doing, error))
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // A refreshed credential that a power cut takes away may be the only one that the provider still accepts.
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE)
}

/// SQLite gives the files beside it (`-wal`, `-shm`) the rights of the database file.
fn keep_private(path: &Path) -> Result<()> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::set_permissions(PathBuf::from(name), Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}
