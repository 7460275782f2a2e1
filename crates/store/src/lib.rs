#![doc = include_str!("../README.md")]

mod accounts;
mod apps;
mod audit;
mod credential;
mod data_keys;
mod database;
mod environments;
mod error;
mod ids;
mod keys;
mod leases;
mod location;
mod migrations;
mod rotate;
mod seal;
mod sign_ins;
mod store;
mod sweep;
mod time;
mod tokens;

pub use accounts::{Account, AccountChange, AccountFilter, AccountStatus, NewAccount};
pub use apps::{NewOAuthApp, OAuthApp};
pub use audit::{AuditEntry, NewAudit};
pub use credential::Credential;
pub use environments::Environment;
pub use error::{Error, Result};
pub use keys::MasterKeys;
pub use leases::Lease;
pub use location::Location;
pub use rotate::Rotation;
pub use store::Store;
pub use sweep::Swept;
pub use time::Clock;
pub use tokens::{NewToken, Token, TokenKind};
