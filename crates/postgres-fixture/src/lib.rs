#![doc = include_str!("../README.md")]

mod database;
mod programs;
mod server;

pub use database::Database;
pub use server::Server;

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// A database on the server that all test processes share, or on that of `DATABASE_URL`.
pub async fn database() -> Result<Database, Error> {
    match std::env::var("DATABASE_URL") {
        Ok(url) => Database::create(&url).await,
        Err(_) => Database::create(&shared()?).await,
    }
}

/// The URL of the shared server, which is made when it is not there.
fn shared() -> Result<String, Error> {
    static SHARED: Mutex<Option<Server>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if shared.is_none() {
        *shared = Some(Server::shared()?);
    }
    Ok(shared.as_ref().map(Server::url).unwrap_or_default())
}

/// Why there is no server or database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "PostgreSQL's programs are not here; hint: `apt-get install postgresql`, or set DATABASE_URL to a server on which databases may be made"
    )]
    NoPrograms,
    #[error("`{program}` failed: {said}")]
    Program { program: String, said: String },
    #[error("`{}`: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("`{}` belongs to somebody else", .0.display())]
    Foreign(PathBuf),
    #[error("DATABASE_URL is not a URL")]
    Url,
    #[error("the server did not do as asked: {0}")]
    Server(#[from] sqlx::Error),
}
