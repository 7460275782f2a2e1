//! Scalars in the type the model asks for.

use super::{Run, Scratch, append};
use crate::plan::{Cast, NameId, Scalar};
use crate::slot::{CONSTANT, Kind, Value};
use crate::time::{self, Format};

impl Run<'_> {
    /// Appends the value in JSON. False: there is none, and nothing was appended.
    #[inline]
    pub(super) fn write(
        &self,
        scratch: &mut Scratch,
        scalar: &Scalar,
        cast: &Cast,
        base: usize,
        name: NameId,
        out: &mut Vec<u8>,
    ) -> bool {
        let value = match scalar {
            Scalar::Path(place) => Self::slot(scratch, *place, base).value,
            scalar => self.eval(scratch, scalar, base, name),
        };
        self.write_as(scratch, value, cast, name, out)
    }

    #[inline(never)]
    pub(super) fn write_as(
        &self,
        scratch: &mut Scratch,
        value: Value,
        cast: &Cast,
        name: NameId,
        out: &mut Vec<u8>,
    ) -> bool {
        if matches!(value.kind, Kind::Missing | Kind::Null) {
            return false;
        }
        if value.source == CONSTANT && value.kind != Kind::Text {
            // Constants have been given their type when they were compiled; a text is a part of one.
            append(out, &self.core.constants, value.start as usize, value.end as usize);
            return true;
        }
        let wrote = match cast {
            Cast::Text => self.write_plain_text(scratch, value, out),
            Cast::DateTime => self.write_time(scratch, value, name, out),
            Cast::Date => self.write_date(scratch, value, name, out),
            Cast::Boolean => match self.truth(scratch, value) {
                Some(true) => push(out, b"true"),
                Some(false) => push(out, b"false"),
                None => false,
            },
            Cast::Integer | Cast::Number | Cast::Decimal => self.write_number(scratch, value, cast, out),
            Cast::Enum(enumeration) => {
                let text = self.text(scratch, value);
                if !text.is_missing() && enumeration.values.get(self.bytes(scratch, text)).is_none() {
                    self.report_unmapped(scratch, text, name);
                    return enumeration.open && self.write_text(scratch, text, out);
                }
                self.write_text(scratch, text, out)
            }
        };
        // What a date refuses, it has counted itself.
        if !wrote && !matches!(cast, Cast::DateTime | Cast::Date) {
            self.unreadable(scratch, value, name);
        }
        wrote
    }

    #[inline]
    fn write_plain_text(&self, scratch: &mut Scratch, value: Value, out: &mut Vec<u8>) -> bool {
        match value.kind {
            Kind::Plain | Kind::Escaped | Kind::Number | Kind::Text => self.write_string(scratch, value, out),
            _ => false,
        }
    }

    fn write_time(&self, scratch: &mut Scratch, value: Value, name: NameId, out: &mut Vec<u8>) -> bool {
        if value.kind == Kind::Plain {
            let (start, end) = (value.start as usize, value.end as usize);
            let whole = self.whole(scratch, value.source);
            if whole.get(start + 1..end - 1).is_some_and(time::is_written) {
                append(out, whole, start, end);
                return true;
            }
        }
        let written = self.time(scratch, value, &Format::Common, name);
        !written.is_missing() && self.write_text(scratch, written, out)
    }

    fn write_date(&self, scratch: &mut Scratch, value: Value, name: NameId, out: &mut Vec<u8>) -> bool {
        let written = self.time(scratch, value, &Format::Common, name);
        let day = Value { end: written.end.min(written.start + 10), ..written };
        !written.is_missing() && self.write_text(scratch, day, out)
    }

    fn write_number(&self, scratch: &mut Scratch, value: Value, cast: &Cast, out: &mut Vec<u8>) -> bool {
        if matches!(value.kind, Kind::True | Kind::False) {
            return false;
        }
        let text = self.text(scratch, value);
        let digits = self.bytes(scratch, text);
        let integer = digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
        if !is_number(digits) || matches!(cast, Cast::Integer) && !integer {
            return false;
        }
        if matches!(cast, Cast::Decimal) {
            return self.write_text(scratch, text, out);
        }
        push(out, digits)
    }
}

fn push(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    out.extend_from_slice(bytes);
    true
}

/// JSON's grammar of numbers.
pub(crate) fn is_number(text: &[u8]) -> bool {
    let mut lexer = crate::scan::Lexer::new(text);
    matches!(lexer.number(0), Ok(end) if end == text.len())
}
