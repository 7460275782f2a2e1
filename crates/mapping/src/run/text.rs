//! Values as texts: trimmed, without escapes, and back into JSON.

use super::{Run, append};
use crate::scan::{decode, plain_length};
use crate::slot::{BUFFER, Kind, Value};

impl Run<'_> {
    /// The value as a text without outer white space; missing if it is none, or an empty one. Numbers and booleans are taken as they are written.
    #[inline]
    pub(super) fn text(&mut self, value: Value) -> Value {
        match value.kind() {
            Kind::Plain => {
                // Without escapes there is nothing in it that would need one.
                self.trim(value.inner().as_text(true))
            }
            Kind::Text if value.is_clean() => value,
            Kind::Text => self.trim(value),
            Kind::Number | Kind::True | Kind::False => value.as_text(true),
            Kind::Missing | Kind::Null | Kind::Array | Kind::Object => Value::MISSING,
            Kind::Escaped => self.decoded(value),
        }
    }

    #[inline]
    fn trim(&self, text: Value) -> Value {
        let (from, to) = trimmed(self.bytes(text));
        if from == to {
            return Value::MISSING;
        }
        text.part(from, to)
    }

    /// A text without its escapes.
    #[inline(never)]
    fn decoded(&mut self, value: Value) -> Value {
        let inner = value.inner();
        let start = self.scratch.buffer.len();
        if value.source() == BUFFER {
            let mut raw = std::mem::take(&mut self.scratch.spare);
            raw.clear();
            raw.extend_from_slice(self.bytes(inner));
            decode(&raw, &mut self.scratch.buffer);
            self.scratch.spare = raw;
        } else {
            decode(self.from.fixed(inner), &mut self.scratch.buffer);
        }
        let made = self.scratch.made(start);
        self.trim(made)
    }

    /// Whether there is nothing in it: missing, null, a blank text, an empty array or object.
    pub(super) fn is_empty(&mut self, value: Value) -> bool {
        match value.kind() {
            Kind::Missing | Kind::Null => true,
            Kind::True | Kind::False | Kind::Number => false,
            Kind::Array | Kind::Object => {
                let bytes = self.bytes(value);
                bytes.len() < 3 || bytes.get(1..bytes.len() - 1).is_none_or(|inner| inner.trim_ascii().is_empty())
            }
            Kind::Plain if self.bytes(value).get(1).is_some_and(|&byte| is_graphic(byte) && byte != b'"') => false,
            Kind::Plain | Kind::Escaped | Kind::Text => self.text(value).is_missing(),
        }
    }

    /// Writes a text in JSON. False: it is blank.
    #[inline]
    pub(super) fn write_string(&mut self, value: Value) -> bool {
        let (start, end) = (value.start(), value.end());
        let whole = self.from.whole(&self.scratch.buffer, value.source());
        let clean = match value.kind() {
            Kind::Plain => is_clean(whole, start, end),
            Kind::Escaped => is_clean_escaped(whole, start, end),
            _ => false,
        };
        if clean {
            append(self.out, whole, start, end);
            return true;
        }
        self.write_text(value)
    }

    /// Writes the text of any value in JSON. False: there is none.
    pub(super) fn write_text(&mut self, value: Value) -> bool {
        let text = self.text(value);
        if text.is_missing() {
            return false;
        }
        self.out.push(b'"');
        let whole = self.from.whole(&self.scratch.buffer, text.source());
        if text.is_clean() {
            append(self.out, whole, text.start(), text.end());
        } else {
            escape(text.of(whole), self.out);
        }
        self.out.push(b'"');
        true
    }
}

/// Whether the text without escapes at `start..end` is what would be written for it: neither end of it is white space.
#[inline(always)]
pub(super) fn is_clean(bytes: &[u8], start: usize, end: usize) -> bool {
    let at = |at: usize| bytes.get(at).is_some_and(|&byte| is_graphic(byte));
    end - start > 2 && at(start + 1) && at(end.wrapping_sub(2))
}

/// The same for a text with escapes.
fn is_clean_escaped(bytes: &[u8], start: usize, end: usize) -> bool {
    // The longest escape is six bytes: further back it cannot reach the end.
    let tail = bytes.get(end.saturating_sub(7)..end).unwrap_or_default();
    end - start >= 8 && is_clean(bytes, start, end) && bytes.get(start + 1) != Some(&b'\\') && !tail.contains(&b'\\')
}

const fn is_graphic(byte: u8) -> bool {
    byte > b' ' && byte < 0x7F
}

/// Where the text begins and ends without outer white space (Unicode's).
#[inline]
fn trimmed(bytes: &[u8]) -> (usize, usize) {
    match bytes {
        [] => (0, 0),
        [first, .., last] if is_graphic(*first) && is_graphic(*last) => (0, bytes.len()),
        _ => trimmed_unicode(bytes),
    }
}

#[inline(never)]
fn trimmed_unicode(bytes: &[u8]) -> (usize, usize) {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let start = text.len() - text.trim_start().len();
            (start, start + text.trim().len())
        }
        Err(_) => (0, bytes.len()),
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
