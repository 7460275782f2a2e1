//! Credentials of every kind, against a provider that answers from a list.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

mod certificate;
mod fixed;
mod hidden;
mod jwt;
mod keys;
mod oauth2;
mod oauth2_code;
mod provider;
mod session;
mod signed;
