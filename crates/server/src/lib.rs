#![doc = include_str!("../README.md")]

mod accounts;
mod api;
mod caller;
mod config;
mod connect;
mod cursor;
mod error;
mod get;
mod link;
mod list;
pub mod openapi;
mod parked;
mod query;
mod request_id;
mod routes;
mod serve;
mod state;
mod telemetry;

pub use api::accounts::{Create as NewAccount, shown as account_shown};
pub use api::apps::{Put as NewApp, set as set_app, shown as app_shown};
pub use caller::SCOPES;
pub use config::Config;
pub use connect::{Validation, add};
pub use error::ApiError;
pub use routes::{paths, router};
pub use serve::serve;
pub use state::App;
