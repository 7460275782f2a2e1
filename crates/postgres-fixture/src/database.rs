//! A database for one test.

use std::hash::{BuildHasher, RandomState};
use std::thread;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use url::Url;

use crate::Error;

/// An empty database, dropped with this value.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    server: String,
}

impl Database {
    pub(crate) async fn create(server: &str) -> Result<Self, Error> {
        let name = format!("rollcall_test_{:016x}", RandomState::new().hash_one(std::process::id()));
        let mut url = Url::parse(server).map_err(|_| Error::Url)?;
        url.set_path(&name);
        run(server, format!("CREATE DATABASE {name}")).await?;
        Ok(Self { name, url: url.into(), server: server.to_owned() })
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    /// On a thread, because this may be in the middle of an asynchronous test. A server that is gone has no database either.
    fn drop(&mut self) {
        let (server, statement) = (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(run(&server, statement)).is_ok())
        });
        drop(dropping.join());
    }
}

async fn run(server: &str, statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server).await?;
    connection.execute(AssertSqlSafe(statement)).await?;
    connection.close().await
}
