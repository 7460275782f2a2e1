//! Environments: what accounts and tokens belong to, and never cross.

use std::time::SystemTime;

use crate::database::{Cells, execute, row, rows};
use crate::error::{Error, Result};
use crate::ids;
use crate::store::{Store, storable};
use crate::time::moment;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    pub id: String,
    pub name: String,
    pub created_at: SystemTime,
}

impl Environment {
    fn read(row: &impl Cells) -> Result<Self> {
        Ok(Self { id: row.text("id")?, name: row.text("name")?, created_at: row.time("created_at")? })
    }
}

impl Store {
    /// Names are unique; one that looks like an id is refused, for it could hide another environment.
    pub async fn create_environment(&self, name: &str) -> Result<Environment> {
        storable("the name of an environment", name)?;
        if name.is_empty() || ids::is_id(name) {
            return Err(Error::Unfit { what: "the name of an environment", expected: "a text, and no id" });
        }
        let (id, now) = (self.new_id()?, self.now());
        execute!(
            self.database().writer(),
            "creating an environment",
            "INSERT INTO environments (id, name, created_at) VALUES ($1, $2, $3)",
            &id,
            name,
            now,
        )
        .map_err(|error| match error {
            Error::Duplicate { .. } => Error::Taken { what: "environment", name: name.to_owned() },
            other => other,
        })?;
        Ok(Environment { id, name: name.to_owned(), created_at: moment(now) })
    }

    /// All, oldest first.
    pub async fn environments(&self) -> Result<Vec<Environment>> {
        rows!(
            self.database().reader(),
            "listing environments",
            Environment::read,
            "SELECT id, name, created_at FROM environments ORDER BY id"
        )
    }

    pub async fn environment(&self, id_or_name: &str) -> Result<Option<Environment>> {
        if id_or_name.contains('\0') {
            return Ok(None);
        }
        row!(
            self.database().reader(),
            "looking for an environment",
            Environment::read,
            "SELECT id, name, created_at FROM environments WHERE id = $1 OR name = $1",
            id_or_name,
        )
    }
}
