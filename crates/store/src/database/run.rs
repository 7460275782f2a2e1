//! One statement on either engine: `execute!` gives the number of rows it touched, `row!` at most one, `rows!` all.
//! Macros, because the two drivers have no common type that would keep the types of the values.

macro_rules! execute {
    ($on:expr, $doing:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $on {
            $crate::database::Engine::Sqlite(on) => {
                sqlx::query($sql)$(.bind($value))*.execute(on).await.map(|done| done.rows_affected())
            }
            $crate::database::Engine::Postgres(on) => {
                sqlx::query($sql)$(.bind($value))*.execute(on).await.map(|done| done.rows_affected())
            }
        }
        .map_err(|error| $crate::error::Error::of($doing, error))
    };
}

macro_rules! row {
    ($on:expr, $doing:expr, $read:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $on {
            $crate::database::Engine::Sqlite(on) => sqlx::query($sql)$(.bind($value))*
                .fetch_optional(on)
                .await
                .map_err(|error| $crate::error::Error::of($doing, error))
                .and_then(|row| row.as_ref().map($read).transpose()),
            $crate::database::Engine::Postgres(on) => sqlx::query($sql)$(.bind($value))*
                .fetch_optional(on)
                .await
                .map_err(|error| $crate::error::Error::of($doing, error))
                .and_then(|row| row.as_ref().map($read).transpose()),
        }
    };
}

macro_rules! rows {
    ($on:expr, $doing:expr, $read:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $on {
            $crate::database::Engine::Sqlite(on) => sqlx::query($sql)$(.bind($value))*
                .fetch_all(on)
                .await
                .map_err(|error| $crate::error::Error::of($doing, error))
                .and_then(|rows| rows.iter().map($read).collect::<$crate::error::Result<Vec<_>>>()),
            $crate::database::Engine::Postgres(on) => sqlx::query($sql)$(.bind($value))*
                .fetch_all(on)
                .await
                .map_err(|error| $crate::error::Error::of($doing, error))
                .and_then(|rows| rows.iter().map($read).collect::<$crate::error::Result<Vec<_>>>()),
        }
    };
}

pub(crate) use {execute, row, rows};
