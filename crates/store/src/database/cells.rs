//! Reading the values of a row, the same for both engines.

use std::time::SystemTime;

use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::error::{Error, Result};
use crate::time::moment;

const DOING: &str = "reading a row";

/// A row's values by column.
pub trait Cells {
    fn text(&self, column: &'static str) -> Result<String>;
    fn text_or_none(&self, column: &'static str) -> Result<Option<String>>;
    fn number(&self, column: &'static str) -> Result<i64>;
    fn number_or_none(&self, column: &'static str) -> Result<Option<i64>>;
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>>;

    fn time(&self, column: &'static str) -> Result<SystemTime> {
        self.number(column).map(moment)
    }

    fn time_or_none(&self, column: &'static str) -> Result<Option<SystemTime>> {
        Ok(self.number_or_none(column)?.map(moment))
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        parse(&self.text(column)?, column)
    }

    fn json_or_none<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        self.text_or_none(column)?.map(|text| parse(&text, column)).transpose()
    }
}

fn parse<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| Error::Unexpected {
        doing: DOING,
        reason: format!("column `{column}` holds other JSON than was put there"),
    })
}

macro_rules! cells {
    ($row:ty) => {
        impl Cells for $row {
            fn text(&self, column: &'static str) -> Result<String> {
                self.try_get(column).map_err(|error| Error::of(DOING, error))
            }

            fn text_or_none(&self, column: &'static str) -> Result<Option<String>> {
                self.try_get(column).map_err(|error| Error::of(DOING, error))
            }

            fn number(&self, column: &'static str) -> Result<i64> {
                self.try_get(column).map_err(|error| Error::of(DOING, error))
            }

            fn number_or_none(&self, column: &'static str) -> Result<Option<i64>> {
                self.try_get(column).map_err(|error| Error::of(DOING, error))
            }

            fn bytes(&self, column: &'static str) -> Result<Vec<u8>> {
                self.try_get(column).map_err(|error| Error::of(DOING, error))
            }
        }
    };
}

cells!(SqliteRow);
cells!(PgRow);
