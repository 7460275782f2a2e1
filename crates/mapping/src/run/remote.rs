//! The provider's record as it came.

use super::Redaction;
use crate::scan::is_space;

const KEY: &[u8] = b",\"remote_data\":";

/// Appends the record. White space outside texts is left out when there is any, so that a record is one line.
pub(super) fn append(record: &[u8], spaced: bool, redaction: &Redaction, out: &mut Vec<u8>) {
    let before = out.len();
    out.extend_from_slice(KEY);
    if !redaction.is_empty() {
        // Rather none than one with what must not be passed on.
        if redaction.copy(record, out).is_none() {
            out.truncate(before);
        }
    } else if spaced {
        compact(record, out);
    } else {
        out.extend_from_slice(record);
    }
}

/// Copies checked JSON without the white space outside its texts.
pub(crate) fn compact(json: &[u8], out: &mut Vec<u8>) {
    let mut rest = json;
    while let Some(&first) = rest.first() {
        let length = if first == b'"' {
            text_length(rest)
        } else {
            rest.iter().position(|&byte| byte == b'"' || is_space(byte)).unwrap_or(rest.len())
        };
        let (head, tail) = rest.split_at(length.min(rest.len()));
        out.extend_from_slice(head);
        let spaces = tail.iter().position(|&byte| !is_space(byte)).unwrap_or(tail.len());
        rest = tail.get(spaces..).unwrap_or_default();
    }
}

/// The length of the text at the start, its quotes included.
fn text_length(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if json.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    json.len()
}
