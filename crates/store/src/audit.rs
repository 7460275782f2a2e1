//! The audit log: who did what, when. Entries are added and read, never changed.

use std::time::SystemTime;

use serde_json::Value;

use crate::database::{Cells, execute, rows};
use crate::error::Result;
use crate::ids;
use crate::store::{Store, storable, storable_or_none};

const LIMIT_MAX: u32 = 10_000;

#[derive(Clone, Debug)]
pub struct NewAudit {
    /// `None` for what concerns no environment.
    pub environment_id: Option<String>,
    pub actor: String,
    pub action: String,
    pub target: Option<String>,
    pub request_id: Option<String>,
    pub details: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    pub id: String,
    pub environment_id: Option<String>,
    pub at: SystemTime,
    pub actor: String,
    pub action: String,
    pub target: Option<String>,
    pub request_id: Option<String>,
    pub details: Value,
}

impl AuditEntry {
    fn read(row: &impl Cells) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            environment_id: row.text_or_none("environment_id")?,
            at: row.time("at")?,
            actor: row.text("actor")?,
            action: row.text("action")?,
            target: row.text_or_none("target")?,
            request_id: row.text_or_none("request_id")?,
            details: row.json("details")?,
        })
    }
}

impl Store {
    pub async fn audit(&self, entry: NewAudit) -> Result<()> {
        storable("the actor of an audit entry", &entry.actor)?;
        storable("the action of an audit entry", &entry.action)?;
        storable_or_none("the environment of an audit entry", entry.environment_id.as_deref())?;
        storable_or_none("the target of an audit entry", entry.target.as_deref())?;
        storable_or_none("the request id of an audit entry", entry.request_id.as_deref())?;
        execute!(
            self.database().writer(),
            "writing the audit log",
            "INSERT INTO audit (id, environment_id, at, actor, action, target, request_id, details) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            self.new_id()?,
            &entry.environment_id,
            self.now(),
            &entry.actor,
            &entry.action,
            &entry.target,
            &entry.request_id,
            entry.details.to_string(),
        )
        .map(|_| ())
    }

    /// Entries of an environment, newest first: those before the id of one, when it is given. From 1 to 10,000 at a time.
    pub async fn audit_log(&self, environment_id: &str, before: Option<String>, limit: u32) -> Result<Vec<AuditEntry>> {
        if !ids::is_id(environment_id) || before.as_deref().is_some_and(|id| !ids::is_id(id)) {
            return Ok(Vec::new());
        }
        rows!(
            self.database().reader(),
            "reading the audit log",
            AuditEntry::read,
            "SELECT id, environment_id, at, actor, action, target, request_id, details FROM audit \
             WHERE environment_id = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
            environment_id,
            &before,
            i64::from(limit.clamp(1, LIMIT_MAX)),
        )
    }
}
