//! What comes back, or does not.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

/// What comes back, or does not.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An answer.
    Answer { status: StatusCode, headers: HeaderMap, body: Bytes },
    /// The head and the first half of the body; then the connection breaks.
    Cut { status: StatusCode, headers: HeaderMap, body: Bytes },
    /// A body without end.
    Huge,
    /// Nothing.
    Silence,
}

impl Reply {
    pub(crate) fn of(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::try_from(content_type) {
            headers.insert(CONTENT_TYPE, value);
        }
        Self::Answer { status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK), headers, body: body.into() }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json", body.to_string())
    }

    pub(crate) fn not_found() -> Self {
        Self::json(404, &serde_json::json!({"message": "the sandbox has nothing here"}))
    }

    /// With one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if let (Self::Answer { headers, .. }, Ok(name), Ok(value)) =
            (&mut self, HeaderName::try_from(name), HeaderValue::try_from(value))
        {
            headers.append(name, value);
        }
        self
    }
}
