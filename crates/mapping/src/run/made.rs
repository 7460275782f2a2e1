//! Values that are put together: joined, split, recased, dated. They are made in the buffer.

use super::Run;
use super::text::escape;
use crate::plan::{NameId, Part, Piece, Scalar, Split};
use crate::slot::{BUFFER, Kind, Value};
use crate::time::{self, Format, Reading};

impl Run<'_> {
    /// The present parts with the separator between them.
    pub(super) fn join(&mut self, parts: &[Scalar], with: &str, base: usize, name: NameId) -> Value {
        let mut joined = Value::MISSING;
        for part in parts {
            let value = self.eval(part, base, name);
            let text = self.text(value);
            if text.is_missing() {
                self.unreadable(value, name);
                continue;
            }
            let start = self.again(joined);
            if !joined.is_missing() {
                self.scratch.buffer.extend_from_slice(with.as_bytes());
            }
            joined = self.add(start, text);
        }
        joined
    }

    /// All pieces one behind the other, or nothing if one is missing.
    pub(super) fn template(&mut self, pieces: &[Piece], base: usize, name: NameId) -> Value {
        let mut whole = Value::MISSING;
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    let start = self.again(whole);
                    self.scratch.buffer.extend_from_slice(text.as_bytes());
                    whole = self.scratch.made(start);
                }
                Piece::Path(place) => {
                    let value = self.read(*place, base);
                    let text = self.text(value);
                    if text.is_missing() {
                        return self.unreadable(value, name);
                    }
                    let start = self.again(whole);
                    whole = self.add(start, text);
                }
            }
        }
        whole
    }

    /// Where a text that is being put together begins, at the end of the buffer: its next part may have put others behind it.
    fn again(&mut self, so_far: Value) -> usize {
        let buffer = &mut self.scratch.buffer;
        if !so_far.is_missing() && so_far.end() == buffer.len() {
            return so_far.start();
        }
        let start = buffer.len();
        if !so_far.is_missing() {
            buffer.extend_from_within(so_far.start()..so_far.end());
        }
        start
    }

    /// Appends a text to the buffer; what has been made since `start`.
    fn add(&mut self, start: usize, text: Value) -> Value {
        if text.source() == BUFFER {
            self.scratch.buffer.extend_from_within(text.start()..text.end());
        } else {
            let whole = self.from.whole(&[], text.source());
            super::append(&mut self.scratch.buffer, whole, text.start(), text.end());
        }
        self.scratch.made(start)
    }

    pub(super) fn split(&mut self, split: &Split, base: usize, name: NameId) -> Value {
        let value = self.eval(&split.from, base, name);
        let text = self.text(value);
        if text.is_missing() {
            return self.unreadable(value, name);
        }
        let Ok(whole) = std::str::from_utf8(self.bytes(text)) else {
            return Value::MISSING;
        };
        let on = &*split.on;
        let part = match split.take {
            Part::At(place) => whole.split(on).nth(place),
            Part::Back(place) => whole.rsplit(on).nth(place),
            Part::Rest => whole.split_once(on).map(|(_, rest)| rest),
            Part::All => Some(whole),
        };
        let Some(part) = part else {
            return Value::MISSING;
        };
        let from = part.as_ptr() as usize - whole.as_ptr() as usize;
        let part = text.part(from, from + part.len()).as_text(false);
        // Beside a separator there may be white space; escapes it needs no more than the whole.
        let part = self.text(part);
        if part.is_missing() { part } else { part.as_text(text.is_clean()) }
    }

    /// The parts of a text as a JSON array in the buffer; where it begins.
    pub(super) fn split_all(&mut self, split: &Split, base: usize, name: NameId) -> Option<usize> {
        let value = self.eval(&split.from, base, name);
        let text = self.text(value);
        if text.is_missing() {
            self.unreadable(value, name);
            return None;
        }
        let mut json = std::mem::take(&mut self.scratch.spare);
        json.clear();
        json.push(b'[');
        let whole = std::str::from_utf8(self.bytes(text)).unwrap_or_default();
        for part in whole.split(&*split.on).map(str::trim).filter(|part| !part.is_empty()) {
            if json.len() > 1 {
                json.push(b',');
            }
            json.push(b'"');
            escape(part.as_bytes(), &mut json);
            json.push(b'"');
        }
        json.push(b']');
        let start = self.scratch.buffer.len();
        self.scratch.buffer.extend_from_slice(&json);
        self.scratch.spare = json;
        (!self.scratch.made(start).is_missing()).then_some(start)
    }

    pub(super) fn recased(&mut self, inner: &Scalar, upper: bool, base: usize, name: NameId) -> Value {
        let value = self.eval(inner, base, name);
        let text = self.text(value);
        if text.is_missing() {
            return self.unreadable(value, name);
        }
        let start = self.scratch.buffer.len();
        let made = self.add(start, text);
        let Some(copy) = self.scratch.buffer.get_mut(start..) else {
            return made;
        };
        if copy.is_ascii() {
            if upper {
                copy.make_ascii_uppercase();
            } else {
                copy.make_ascii_lowercase();
            }
            return made.as_text(text.is_clean());
        }
        let text = String::from_utf8_lossy(copy);
        let recased = if upper { text.to_uppercase() } else { text.to_lowercase() };
        self.scratch.buffer.truncate(start);
        self.scratch.buffer.extend_from_slice(recased.as_bytes());
        self.scratch.made(start)
    }

    /// A time as RFC 3339.
    pub(super) fn time(&mut self, value: Value, format: &Format, name: NameId) -> Value {
        let text = self.text(value);
        let reading = match (value.kind(), std::str::from_utf8(self.bytes(text))) {
            (Kind::True | Kind::False, _) | (_, Err(_)) => Reading::Unreadable,
            (_, Ok(text)) => time::read(text, format),
        };
        match reading {
            Reading::At(moment) => {
                let start = self.scratch.buffer.len();
                time::write(&moment, &mut self.scratch.buffer);
                self.scratch.made(start).as_text(true)
            }
            Reading::Never => Value::MISSING,
            Reading::Unreadable => self.unreadable(value, name),
        }
    }
}
