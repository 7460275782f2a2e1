//! Scalars in the type the model asks for.

use super::{Run, append};
use crate::plan::{Cast, NameId, Scalar};
use crate::slot::{CONSTANT, Kind, Value};
use crate::time::{self, Format};

impl Run<'_> {
    /// Appends the value in JSON. False: there is none, and nothing was appended.
    #[inline]
    pub(super) fn write(&mut self, scalar: &Scalar, cast: &Cast, base: usize, name: NameId) -> bool {
        self.scratch.is_claim = !matches!(cast, Cast::Text);
        self.scratch.is_unread = false;
        let value = self.eval(scalar, base, name);
        self.write_as(value, cast, name)
    }

    pub(super) fn write_as(&mut self, value: Value, cast: &Cast, name: NameId) -> bool {
        if !value.is_there() {
            return false;
        }
        if value.source() == CONSTANT && value.kind() != Kind::Text {
            // Constants have been given their type when they were compiled; a text is a part of one.
            append(self.out, &self.from.core.constants, value.start(), value.end());
            return true;
        }
        let wrote = match cast {
            Cast::Text => match value.kind() {
                Kind::Plain | Kind::Escaped | Kind::Number | Kind::Text => self.write_string(value),
                _ => false,
            },
            // What a date refuses, it has counted itself.
            Cast::DateTime => return self.write_time(value, name),
            Cast::Date => return self.write_date(value, name),
            Cast::Boolean => match self.truth(value) {
                Some(truth) => self.push(if truth { b"true" } else { b"false" }),
                None => false,
            },
            Cast::Integer | Cast::Number | Cast::Decimal => self.write_number(value, cast),
            Cast::Enum(enumeration) => {
                let text = self.text(value);
                if !text.is_missing() && enumeration.values.get(self.bytes(text)).is_none() {
                    self.report_unmapped(text, name);
                    return enumeration.open && self.write_text(text);
                }
                self.write_text(text)
            }
        };
        if !wrote {
            self.unreadable(value, name);
        }
        wrote
    }

    fn write_time(&mut self, value: Value, name: NameId) -> bool {
        let (start, end) = (value.start(), value.end());
        let whole = self.from.whole(&self.scratch.buffer, value.source());
        if value.kind() == Kind::Plain && whole.get(start + 1..end - 1).is_some_and(time::is_written) {
            append(self.out, whole, start, end);
            return true;
        }
        let written = self.time(value, &Format::Common, name);
        self.write_text(written)
    }

    fn write_date(&mut self, value: Value, name: NameId) -> bool {
        let written = self.time(value, &Format::Common, name);
        if written.is_missing() {
            return false;
        }
        self.write_text(written.part(0, 10))
    }

    fn write_number(&mut self, value: Value, cast: &Cast) -> bool {
        if matches!(value.kind(), Kind::True | Kind::False) {
            return false;
        }
        let text = self.text(value);
        let digits = self.bytes(text);
        let integer = digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
        if !is_number(digits) || matches!(cast, Cast::Integer) && !integer {
            return false;
        }
        if matches!(cast, Cast::Decimal) {
            return self.write_text(text);
        }
        let whole = self.from.whole(&self.scratch.buffer, text.source());
        append(self.out, whole, text.start(), text.end());
        true
    }

    fn push(&mut self, bytes: &[u8]) -> bool {
        self.out.extend_from_slice(bytes);
        true
    }
}

/// JSON's grammar of numbers.
pub(crate) fn is_number(text: &[u8]) -> bool {
    let mut lexer = crate::scan::Lexer::new(text);
    matches!(lexer.number(0), Ok(end) if end == text.len())
}
