//! Handlers, a file for what belongs together. They read, call, and wrap; nothing else.

pub mod accounts;
pub mod apps;
pub mod docs;
pub mod environment;
pub mod integrations;
pub mod link;
pub mod meta;
pub mod operations;
pub mod proxy;
pub mod unified;

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::Value;

use crate::error::ApiError;

/// A JSON answer.
pub fn json(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// The cursor of a list of our own things: the id of the last one that was given.
///
/// # Errors
/// 400 for a text that is no id: an empty page would pass for the end.
pub fn after(cursor: String) -> Result<String, ApiError> {
    let is_id = cursor.len() == 36
        && cursor.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        });
    if is_id {
        return Ok(cursor);
    }
    Err(ApiError::bad_request("`next_cursor` is not one of this list; give it back as it came, or leave it out"))
}

/// A time as RFC 3339 in UTC.
pub fn time(time: std::time::SystemTime) -> String {
    jiff::Timestamp::try_from(time).map(|t| format!("{t:.3}")).unwrap_or_default()
}
