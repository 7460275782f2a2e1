//! Values as texts: trimmed, without escapes, and back into JSON.

use super::{Run, Scratch, append};
use crate::scan::{decode, plain_length};
use crate::slot::{BUFFER, Kind, Value};

impl Run<'_> {
    /// The value as a text without outer white space; missing if it is none, or an empty one. Numbers and booleans are taken as they are written.
    #[inline]
    pub(super) fn text(&self, scratch: &mut Scratch, value: Value) -> Value {
        match value.kind {
            Kind::Text if value.clean => value,
            Kind::Plain => {
                // Without escapes there is nothing in it that would need one.
                let inner = Value { start: value.start + 1, end: value.end - 1, kind: Kind::Text, clean: true, ..value };
                self.trim(scratch, inner)
            }
            Kind::Number | Kind::True | Kind::False => Value { kind: Kind::Text, clean: true, ..value },
            Kind::Missing | Kind::Null | Kind::Array | Kind::Object => Value::MISSING,
            Kind::Text => self.trim(scratch, value),
            Kind::Escaped => self.decoded(scratch, value),
        }
    }

    #[inline]
    fn trim(&self, scratch: &Scratch, text: Value) -> Value {
        let (from, to) = trimmed(self.bytes(scratch, text));
        if from == to {
            return Value::MISSING;
        }
        Value { start: text.start + from as u32, end: text.start + to as u32, ..text }
    }

    /// A text without its escapes.
    #[inline(never)]
    fn decoded(&self, scratch: &mut Scratch, value: Value) -> Value {
        let inner = Value { start: value.start + 1, end: value.end - 1, ..value };
        let start = scratch.buffer.len();
        if value.source == BUFFER {
            let raw = self.bytes(scratch, inner).to_vec();
            decode(&raw, &mut scratch.buffer);
        } else {
            decode(self.fixed(inner), &mut scratch.buffer);
        }
        let made = scratch.made(start);
        self.trim(scratch, made)
    }

    /// Whether there is nothing in it: missing, null, a blank text, an empty array or object.
    pub(super) fn is_empty(&self, scratch: &mut Scratch, value: Value) -> bool {
        match value.kind {
            Kind::Missing | Kind::Null => true,
            Kind::True | Kind::False | Kind::Number => false,
            Kind::Array | Kind::Object => {
                let bytes = self.bytes(scratch, value);
                bytes.len() < 3 || bytes.get(1..bytes.len() - 1).is_none_or(|inner| inner.trim_ascii().is_empty())
            }
            Kind::Plain if self.bytes(scratch, value).get(1).is_some_and(|&byte| is_graphic(byte) && byte != b'"') => {
                false
            }
            Kind::Plain | Kind::Escaped | Kind::Text => self.text(scratch, value).is_missing(),
        }
    }

    /// Writes a text in JSON. False: it is blank.
    #[inline]
    pub(super) fn write_string(&self, scratch: &mut Scratch, value: Value, out: &mut Vec<u8>) -> bool {
        if matches!(value.kind, Kind::Plain | Kind::Escaped) {
            let whole = self.whole(scratch, value.source);
            let (start, end) = (value.start as usize, value.end as usize);
            if is_clean(whole.get(start..end).unwrap_or_default(), value.kind) {
                append(out, whole, start, end);
                return true;
            }
        }
        self.write_text(scratch, value, out)
    }

    /// Writes the text of any value in JSON. False: there is none.
    pub(super) fn write_text(&self, scratch: &mut Scratch, value: Value, out: &mut Vec<u8>) -> bool {
        let text = self.text(scratch, value);
        if text.is_missing() {
            return false;
        }
        out.push(b'"');
        if text.clean {
            append(out, self.whole(scratch, text.source), text.start as usize, text.end as usize);
        } else {
            escape(self.bytes(scratch, text), out);
        }
        out.push(b'"');
        true
    }
}

/// Whether the text in JSON is what would be written for it: neither end is white space, not even an escaped one.
#[inline]
pub(super) fn is_clean(raw: &[u8], kind: Kind) -> bool {
    let [b'"', first, .., last, b'"'] = raw else {
        // One character or none: the long way knows.
        return false;
    };
    if !is_graphic(*first) || !is_graphic(*last) {
        return false;
    }
    // The longest escape is six bytes.
    kind == Kind::Plain
        || *first != b'\\' && raw.len() >= 8 && !raw.get(raw.len() - 7..).is_some_and(|end| end.contains(&b'\\'))
}

const fn is_graphic(byte: u8) -> bool {
    byte > b' ' && byte < 0x7F
}

/// Where the text begins and ends without outer white space (Unicode's).
fn trimmed(bytes: &[u8]) -> (usize, usize) {
    match bytes {
        [] => (0, 0),
        [first, .., last] if is_graphic(*first) && is_graphic(*last) => (0, bytes.len()),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => {
                let start = text.len() - text.trim_start().len();
                (start, start + text.trim().len())
            }
            Err(_) => (0, bytes.len()),
        },
    }
}

/// Writes a text with JSON's escapes.
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while !rest.is_empty() {
        let plain = plain_length(rest);
        append(out, rest, 0, plain);
        let Some((&byte, after)) = rest.get(plain..).and_then(<[u8]>::split_first) else {
            return;
        };
        rest = after;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
    }
}
