//! A database of its own for each test, a clock that the test sets, and what tests make again and again.

mod made;
mod raw;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use rollcall_postgres_fixture::Database;
use rollcall_store::{Clock, Location, MasterKeys, Result, Store};

pub use made::{credential, link, new_account, new_token};

/// 2026-01-01.
const BEGIN_MICROS: i64 = 1_767_225_600_000_000;

/// Runs tests on both engines.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::world::World::sqlite()).await;
            })+
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::world::World::postgres().await).await;
            })+
        }
    };
}

pub struct World {
    pub location: Location,
    pub clock: TestClock,
    /// The master key, in base64.
    pub key: String,
    place: Place,
}

enum Place {
    Folder(Folder),
    /// Dropped with the world.
    Database {
        _database: Database,
    },
}

impl World {
    pub fn sqlite() -> Self {
        let folder = Folder::new();
        Self::new(Location::Sqlite(folder.path().join("rollcall.db")), Place::Folder(folder))
    }

    pub async fn postgres() -> Self {
        let database = rollcall_postgres_fixture::database().await.unwrap_or_else(|error| panic!("{error}"));
        Self::new(Location::parse(database.url()).unwrap(), Place::Database { _database: database })
    }

    fn new(location: Location, place: Place) -> Self {
        Self { location, clock: TestClock::new(), key: MasterKeys::generate_base64().unwrap(), place }
    }

    /// Another node on the same database.
    pub async fn store(&self) -> Store {
        self.open(&[&self.key]).await.unwrap()
    }

    /// A node with these master keys, the current one first.
    pub async fn open(&self, keys: &[&str]) -> Result<Store> {
        let keys = MasterKeys::from_base64(keys[0], &keys[1..])?;
        Store::open(&self.location, keys, self.clock.as_clock()).await
    }
}

/// A clock that stands still until it is set.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN_MICROS)))
    }

    pub fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_micros(self.0.load(Ordering::SeqCst) as u64)
    }

    pub fn after(&self, seconds: u64) -> SystemTime {
        self.now() + Duration::from_secs(seconds)
    }

    pub fn forward(&self, by: Duration) {
        self.0.fetch_add(by.as_micros() as i64, Ordering::SeqCst);
    }

    pub fn as_clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

/// A folder that goes with its test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let key = MasterKeys::generate_base64().unwrap().replace(['/', '+', '='], "");
        let path = std::env::temp_dir().join(format!("rollcall-store-{key}"));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
