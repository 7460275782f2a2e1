//! Handlers, a file for what belongs together. They read, call, and wrap; nothing else.

pub mod accounts;
pub mod environment;
pub mod integrations;
pub mod operations;
pub mod proxy;
pub mod unified;

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::Value;

/// A JSON answer.
pub fn json(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// A time as RFC 3339 in UTC.
pub fn time(time: std::time::SystemTime) -> String {
    jiff::Timestamp::try_from(time).map(|t| format!("{t:.3}")).unwrap_or_default()
}
