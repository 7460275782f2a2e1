//! One statement on either engine: `execute!` gives the number of rows it touched, `row!` at most one, `rows!` all.
//! Macros, because the two drivers have no common type that would keep the types of the values.

use std::future::Future;
use std::time::Duration;

use crate::error::{Error, Result};

/// Longer than the database's own bounds: this is for one that is silent, as behind a network that lost it.
const ANSWER: Duration = Duration::from_secs(15);

/// What the driver says, or that it said nothing.
pub async fn bounded<T>(doing: &'static str, statement: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match tokio::time::timeout(ANSWER, statement).await {
        Ok(answer) => answer.map_err(|error| Error::of(doing, error)),
        Err(_) => Err(Error::Unavailable { doing, reason: format!("no answer within {ANSWER:?}") }),
    }
}

macro_rules! execute {
    ($on:expr, $doing:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $on {
            $crate::database::Engine::Sqlite(on) => {
                $crate::database::bounded($doing, sqlx::query($sql)$(.bind($value))*.execute(on))
                    .await
                    .map(|done| done.rows_affected())
            }
            $crate::database::Engine::Postgres(on) => {
                $crate::database::bounded($doing, sqlx::query($sql)$(.bind($value))*.execute(on))
                    .await
                    .map(|done| done.rows_affected())
            }
        }
    };
}

macro_rules! row {
    ($on:expr, $doing:expr, $read:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $on {
            $crate::database::Engine::Sqlite(on) => {
                $crate::database::bounded($doing, sqlx::query($sql)$(.bind($value))*.fetch_optional(on))
                    .await
                    .and_then(|row| row.as_ref().map($read).transpose())
            }
            $crate::database::Engine::Postgres(on) => {
                $crate::database::bounded($doing, sqlx::query($sql)$(.bind($value))*.fetch_optional(on))
                    .await
                    .and_then(|row| row.as_ref().map($read).transpose())
            }
        }
    };
}

macro_rules! rows {
    ($on:expr, $doing:expr, $read:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $on {
            $crate::database::Engine::Sqlite(on) => {
                $crate::database::bounded($doing, sqlx::query($sql)$(.bind($value))*.fetch_all(on))
                    .await
                    .and_then(|rows| rows.iter().map($read).collect::<$crate::error::Result<Vec<_>>>())
            }
            $crate::database::Engine::Postgres(on) => {
                $crate::database::bounded($doing, sqlx::query($sql)$(.bind($value))*.fetch_all(on))
                    .await
                    .and_then(|rows| rows.iter().map($read).collect::<$crate::error::Result<Vec<_>>>())
            }
        }
    };
}

pub(crate) use {execute, row, rows};

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_has_an_end() {
        let error = bounded::<()>("asking", std::future::pending()).await.unwrap_err();
        assert_eq!(error.to_string(), "the database did not answer while asking: no answer within 15s");
        assert!(error.is_transient());
        assert_eq!(bounded("asking", std::future::ready(Ok(7))).await.unwrap(), 7);
    }
}
