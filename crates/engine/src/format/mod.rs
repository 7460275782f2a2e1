//! From an answer in NDJSON, CSV, XML or rows to the JSON that the engine scans: `docs/reference/connector-format.md`, *Items*.
//! Each form is read strictly: what cannot be read in full is an error, because half a list looks like people who left.

mod csv;
mod error;
mod ndjson;
mod path;
mod rows;
mod seen;
mod xml;

use std::borrow::Cow;

use rollcall_connector::definition::{Format, Items};

pub use error::FormatError;
pub use path::Path;

/// Bounds of one answer.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Elements within elements.
    pub depth: usize,
    /// Bytes of the JSON that comes out.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, bytes: 256 * 1024 * 1024 }
    }
}

/// The answer as JSON. JSON itself is lent as it is, without a byte order mark: it is judged by its first character only, and read in full
/// by the scan. `rows` become an array of objects at the root, so that the items are then `.`.
///
/// # Errors
/// The answer is not in the form that the connector declares, or passes a limit.
pub fn to_json<'a>(format: &Format, items: &Items, body: &'a [u8]) -> Result<Cow<'a, [u8]>, FormatError> {
    to_json_within(format, items, body, &Limits::default())
}

/// The same with bounds of its own.
///
/// # Errors
/// As [`to_json`].
pub fn to_json_within<'a>(
    format: &Format,
    items: &Items,
    body: &'a [u8],
    limits: &Limits,
) -> Result<Cow<'a, [u8]>, FormatError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let json = match format {
        Format::Json => Cow::Borrowed(json(body)?),
        Format::Ndjson => Cow::Owned(ndjson::convert(body)?),
        Format::Csv => Cow::Owned(csv::convert(body, limits)?),
        Format::Xml(xml) => Cow::Owned(xml::convert(xml, body, limits)?),
    };
    // Only rows have a form of their own; every other kind of items is a place in the JSON.
    let json = if let Items::Rows(items) = items {
        Cow::Owned(rows::convert(&items.rows, &items.columns, &json, limits)?)
    } else {
        json
    };
    if json.len() > limits.bytes {
        return Err(FormatError::TooLarge(limits.bytes));
    }
    Ok(json)
}

fn json(body: &[u8]) -> Result<&[u8], FormatError> {
    match body.trim_ascii_start().first() {
        Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => Ok(body),
        _ => Err(FormatError::saw("JSON", body)),
    }
}
