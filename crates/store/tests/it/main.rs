//! The store: every test runs on SQLite and on PostgreSQL.

#[macro_use]
mod world;

mod accounts;
mod apps;
mod audit;
mod credentials;
mod environments;
mod keys;
mod leases;
mod opening;
mod outage;
mod rotation;
mod schema;
mod sealing;
mod sign_ins;
mod sweep;
mod tls;
mod tokens;
