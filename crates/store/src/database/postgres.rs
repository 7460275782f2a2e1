//! PostgreSQL: a bounded pool whose statements end in bounded time. TLS and its certificates are said by the URL.

use std::io;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, Executor, PgConnection, PgPool};
use url::Url;

use crate::error::{Error, Result};
use crate::migrations;

const CONNECTIONS: u32 = 16;
/// Shorter than a caller's patience: a database that is gone is reported, not waited for.
const ACQUIRE: Duration = Duration::from_secs(5);
const JUST_USED: Duration = Duration::from_secs(1);
const PING: Duration = Duration::from_secs(1);
/// By statement and not in the start-up packet, which connection poolers refuse.
const BOUNDS: &str =
    "SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '30s'";
/// Any number, as long as all of rollcall use the same.
const MIGRATION_LOCK: i64 = 0x726f_6c6c_6361_6c6c;

pub async fn open(url: &str) -> Result<PgPool> {
    let options = options(url)?;
    migrate(&options).await?;
    Ok(PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .before_acquire(|connection, facts| Box::pin(answers(connection, facts.idle_for)))
        .after_connect(|connection, _| Box::pin(async move { connection.execute(BOUNDS).await.map(|_| ()) }))
        .connect_lazy_with(options))
}

/// The driver writes others to the log, values and all, and goes on without them: a mistyped `sslmode` would mean no TLS.
const PARAMETERS: [&str; 13] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// How long a node waits for another one that migrates.
const MIGRATION_WAIT: &str = "SET LOCAL lock_timeout = '120s'";

/// Whether a connection that was not used for a while is still good. One that is silent is given up soon, and another one made, within
/// the time that the caller waits; one that was just used is not asked, which saves a round trip to each call of a busy node.
async fn answers(connection: &mut PgConnection, idle_for: Duration) -> sqlx::Result<bool> {
    if idle_for < JUST_USED {
        return Ok(true);
    }
    match tokio::time::timeout(PING, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        Err(_) => Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())),
    }
}

fn options(url: &str) -> Result<PgConnectOptions> {
    let parsed = Url::parse(url).map_err(|_| Error::Location { problem: "is not a URL".to_owned() })?;
    if let Some((name, _)) = parsed.query_pairs().find(|(name, _)| !PARAMETERS.contains(&&**name)) {
        let name = name.chars().take(40).collect::<String>();
        return Err(Error::Location { problem: format!("has a parameter `{name}`, which is not known") });
    }
    let options = PgConnectOptions::from_str(url).map_err(|error| Error::of("reading the URL", error))?;
    let named = options.get_application_name().is_some();
    Ok(if named { options } else { options.application_name("rollcall") })
}

/// On a connection of its own, for here a statement may take long. A lock that ends with the transaction works through poolers too, and
/// cannot be left behind.
async fn migrate(options: &PgConnectOptions) -> Result<()> {
    let doing = "migrating the database";
    let failed = |error| Error::of(doing, error);
    let connecting = tokio::time::timeout(ACQUIRE, PgConnection::connect_with(options)).await;
    let mut connection = connecting
        .map_err(|_| Error::Unavailable { doing: "connecting", reason: format!("no answer within {ACQUIRE:?}") })?
        .map_err(|error| Error::of("connecting", error))?;
    let mut transaction = connection.begin().await.map_err(failed)?;
    transaction.execute(MIGRATION_WAIT).await.map_err(failed)?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    migrations::run(&migrations::postgres(), &mut *transaction)
        .await
        .map_err(|error| Error::of_migration(doing, error))?;
    transaction.commit().await.map_err(failed)?;
    connection.close().await.map_err(failed)
}
