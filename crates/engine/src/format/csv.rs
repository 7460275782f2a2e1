//! Comma-separated values with a header row (RFC 4180).

use super::error::FormatError;
use super::{Limits, seen};

const FORM: &str = "CSV";

/// An array of objects by the header's names; every value is a text.
pub(super) fn convert(body: &[u8], limits: &Limits) -> Result<Vec<u8>, FormatError> {
    // An error document would else be read as a header without rows: an empty list.
    if matches!(body.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'<')) || seen::is_html(body) {
        return Err(FormatError::saw(FORM, body));
    }
    let text = std::str::from_utf8(body).map_err(|_| FormatError::saw(FORM, body))?;
    if text.contains('\0') {
        return Err(FormatError::saw(FORM, body));
    }
    quotes(text)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(true).flexible(false).from_reader(body);
    let header = reader.headers().map_err(|error| broken(&error))?.clone();
    let names = names(&header)?;
    let mut json = vec![b'['];
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| broken(&error))? {
        if json.len() > 1 {
            json.push(b',');
        }
        json.push(b'{');
        for (index, (name, value)) in names.iter().zip(&record).enumerate() {
            if index > 0 {
                json.push(b',');
            }
            json.extend_from_slice(name);
            push_text(&mut json, value)?;
        }
        json.push(b'}');
        if json.len() > limits.bytes {
            return Err(FormatError::TooLarge(limits.bytes));
        }
    }
    // A sentence ("access denied") is a CSV header too.
    if json.len() == 1 && header.len() == 1 {
        return Err(FormatError::Other { expected: FORM, saw: "a single line without a comma".to_owned() });
    }
    json.push(b']');
    Ok(json)
}

/// The names as JSON, with their colon.
fn names(header: &csv::StringRecord) -> Result<Vec<Vec<u8>>, FormatError> {
    let mut seen = std::collections::HashSet::new();
    let mut names = Vec::new();
    for (index, name) in header.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(FormatError::broken(FORM, 1, format!("column {} has no name", index + 1)));
        }
        if !seen.insert(name) {
            return Err(FormatError::broken(FORM, 1, format!("two columns are named `{name}`")));
        }
        let mut json = Vec::new();
        push_text(&mut json, name)?;
        json.push(b':');
        names.push(json);
    }
    Ok(names)
}

/// Where quotes are allowed: the CSV library takes a quote that is never closed, and text after a closing one, without a word, which
/// hides a cut-off answer and moves columns.
fn quotes(text: &str) -> Result<(), FormatError> {
    enum At {
        FieldStart,
        Plain,
        Quoted,
        /// A quote inside a quoted field: its end, or half of a doubled one.
        Closing,
    }
    let mut at = At::FieldStart;
    let mut line = 1;
    let mut opened = 1;
    for byte in text.bytes() {
        at = match (at, byte) {
            (At::FieldStart, b'"') => {
                opened = line;
                At::Quoted
            }
            (At::Quoted, b'"') => At::Closing,
            (At::Closing, b'"') | (At::Quoted, _) => At::Quoted,
            (_, b',' | b'\n' | b'\r') => At::FieldStart,
            (At::Closing, _) => return Err(FormatError::broken(FORM, line, "text after a closing quote")),
            (At::Plain, b'"') => return Err(FormatError::broken(FORM, line, "a quote inside an unquoted field")),
            (At::FieldStart | At::Plain, _) => At::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    match at {
        At::Quoted => Err(FormatError::broken(FORM, opened, "a quoted field is not closed; the answer is cut off")),
        _ => Ok(()),
    }
}

fn push_text(json: &mut Vec<u8>, text: &str) -> Result<(), FormatError> {
    serde_json::to_writer(json, text).map_err(|_| FormatError::broken(FORM, 0, "a text cannot be written as JSON"))
}

fn broken(error: &csv::Error) -> FormatError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            FormatError::broken(FORM, line, format!("the header has {expected_len} columns, the row has {len}"))
        }
        _ => FormatError::broken(FORM, line, "the row cannot be read"),
    }
}
