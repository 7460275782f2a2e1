//! `truto_key_by`: records as members of one object.

use std::collections::HashMap;

use http::StatusCode;
use serde_json::value::RawValue;

use crate::error::ApiError;

/// The key of a record: a scalar of it, as a JSON string.
///
/// # Errors
/// A record without the field.
pub fn key_of(record: &[u8], field: &str) -> Result<String, ApiError> {
    let missing = || {
        ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("a record has no `{field}`, so the result cannot be keyed by it; use `id`"),
        )
    };
    let members: HashMap<&str, &RawValue> = serde_json::from_slice(record).map_err(|_| missing())?;
    let raw = members.get(field).ok_or_else(missing)?.get();
    match raw.as_bytes().first() {
        Some(b'"') => Ok(raw.to_owned()),
        Some(b'{' | b'[') | None => Err(missing()),
        Some(_) => Ok(serde_json::Value::from(raw).to_string()),
    }
}

/// The error of a key that comes twice.
pub fn twice(field: &str, key: &str) -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        format!("two records have the `{field}` {key}, so the result cannot be keyed by it; use `id`"),
    )
}
