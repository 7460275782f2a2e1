//! One JSON value a line.

use serde::de::IgnoredAny;

use super::error::FormatError;

const FORM: &str = "NDJSON";

/// `[line,line]`. No line at all is an empty list: the form has no other way to say it.
pub(super) fn convert(body: &[u8]) -> Result<Vec<u8>, FormatError> {
    if let Some(b'<') = body.trim_ascii_start().first() {
        return Err(FormatError::saw(FORM, body));
    }
    let mut json = Vec::with_capacity(body.len() + 2);
    json.push(b'[');
    for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let number = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1);
        // What is skipped is not checked to be text.
        let text =
            std::str::from_utf8(line).map_err(|_| FormatError::broken(FORM, number, "it is not text in UTF-8"))?;
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| FormatError::broken(FORM, number, reason(&error)))?;
        if json.len() > 1 {
            json.push(b',');
        }
        json.extend_from_slice(line);
    }
    json.push(b']');
    Ok(json)
}

/// In words of our own: the library's message ends with a position inside the line.
fn reason(error: &serde_json::Error) -> String {
    if error.is_eof() {
        "the line is cut off".to_owned()
    } else {
        format!("column {} is not JSON, or more than one value is on the line", error.column())
    }
}
