//! The schema's versions, embedded. A version that was released is never edited: the database remembers its checksum.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

struct Version {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const VERSIONS: &[Version] = &[
    Version {
        number: 1,
        name: "begin",
        sqlite: include_str!("../migrations/sqlite/0001_begin.sql"),
        postgres: include_str!("../migrations/postgres/0001_begin.sql"),
    },
    Version {
        number: 2,
        name: "oauth apps",
        sqlite: include_str!("../migrations/sqlite/0002_oauth_apps.sql"),
        postgres: include_str!("../migrations/postgres/0002_oauth_apps.sql"),
    },
];

pub fn sqlite() -> Migrator {
    migrator(|version| version.sqlite)
}

pub fn postgres() -> Migrator {
    migrator(|version| version.postgres)
}

/// Through the driver's inner call: the future of the outer one cannot move between threads.
pub async fn run(migrator: &Migrator, connection: &mut impl Migrate) -> Result<(), MigrateError> {
    migrator.run_direct(None, connection, false).await
}

fn migrator(sql: fn(&Version) -> &'static str) -> Migrator {
    let migrations = VERSIONS.iter().map(|version| {
        let sql = sql(version).into_sql_str();
        Migration::new(version.number, Cow::Borrowed(version.name), MigrationType::Simple, sql, false)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // Whoever runs it holds a lock for the whole transaction.
    migrator.set_locking(false);
    migrator
}
