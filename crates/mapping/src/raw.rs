//! JSON read in place, without slots: for tables, lists in conditions and what stands beside the records.
//!
//! The bytes have been checked before. If they were not, the iterators end early.

use std::borrow::Cow;

use crate::scan::{Lexer, decode};
use crate::slot::Kind;

/// A JSON value in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    pub(crate) kind: Kind,
    pub(crate) json: &'a [u8],
}

impl<'a> Raw<'a> {
    /// The first value of some bytes.
    pub(crate) fn first(bytes: &'a [u8]) -> Option<Self> {
        let mut lexer = Lexer::new(bytes);
        let start = lexer.space(0);
        value(&mut lexer, start).map(|(raw, _)| raw)
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The bytes of the value as they came.
    #[must_use]
    pub fn json(&self) -> &'a [u8] {
        self.json
    }

    /// The trimmed text of a text, number or boolean; none if it is empty or something else.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        let text = match self.kind {
            Kind::Plain => Cow::Borrowed(std::str::from_utf8(self.inner()).ok()?.trim()),
            Kind::Escaped => {
                let mut text = Vec::with_capacity(self.json.len());
                decode(self.inner(), &mut text);
                Cow::Owned(String::from_utf8(text).ok()?.trim().to_owned())
            }
            Kind::Number | Kind::True | Kind::False => Cow::Borrowed(std::str::from_utf8(self.json).ok()?),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// The text of a text as it is, neither trimmed nor checked for emptiness: for cursors and addresses.
    #[must_use]
    pub fn verbatim(&self) -> Option<Cow<'a, str>> {
        match self.kind {
            Kind::Plain => Some(Cow::Borrowed(std::str::from_utf8(self.inner()).ok()?)),
            Kind::Escaped => {
                let mut text = Vec::with_capacity(self.json.len());
                decode(self.inner(), &mut text);
                Some(Cow::Owned(String::from_utf8(text).ok()?))
            }
            _ => self.text(),
        }
    }

    /// Neither missing, null nor empty.
    #[must_use]
    pub fn is_present(&self) -> bool {
        match self.kind {
            Kind::Missing | Kind::Null => false,
            Kind::Array | Kind::Object => !self.inner().trim_ascii().is_empty(),
            _ => self.text().is_some(),
        }
    }

    /// The truth of a boolean, also as `"true"`, `1` and the like.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        let text = self.text()?;
        if text == "1" || text.eq_ignore_ascii_case("true") {
            return Some(true);
        }
        (text == "0" || text.eq_ignore_ascii_case("false")).then_some(false)
    }

    /// The elements of an array.
    pub fn elements(&self) -> impl Iterator<Item = Self> + use<'a> {
        let json = if self.kind == Kind::Array { self.json } else { &[] };
        elements(json)
    }

    /// The members of an object: names as they are written, with quotes.
    pub fn members(&self) -> impl Iterator<Item = (Self, Self)> + use<'a> {
        let json = if self.kind == Kind::Object { self.json } else { &[] };
        members(json)
    }

    /// The member of an object that counts, which is the last of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Self> {
        self.members().filter(|(key, _)| key.is_name(name.as_bytes())).last().map(|(_, value)| value)
    }

    /// The value at the end of a path of names and indices.
    pub(crate) fn at(&self, segments: &[String]) -> Option<Self> {
        let mut at = *self;
        for segment in segments {
            at = match at.kind {
                Kind::Array => at.elements().nth(crate::path::index(segment)? as usize)?,
                _ => at.member(segment)?,
            };
        }
        Some(at)
    }

    pub(crate) fn is_text(&self, wanted: &[u8]) -> bool {
        self.text().is_some_and(|text| text.as_bytes() == wanted)
    }

    pub(crate) fn is_name(&self, wanted: &[u8]) -> bool {
        match self.kind {
            Kind::Plain => self.inner() == wanted,
            _ => self.verbatim().is_some_and(|text| text.as_bytes() == wanted),
        }
    }

    fn inner(&self) -> &'a [u8] {
        self.json.get(1..self.json.len().saturating_sub(1)).unwrap_or_default()
    }
}

/// The elements of a JSON array.
pub(crate) fn elements<'a>(json: &'a [u8]) -> impl Iterator<Item = Raw<'a>> + use<'a> {
    let mut lexer = Lexer::new(json);
    let mut at = 0;
    std::iter::from_fn(move || {
        // The opening bracket, then commas.
        let start = lexer.space(at + 1);
        if at >= lexer.bytes.len() || matches!(lexer.peek(start), b']' | 0) {
            at = lexer.bytes.len();
            return None;
        }
        let (raw, end) = value(&mut lexer, start)?;
        at = lexer.space(end);
        Some(raw)
    })
}

/// The members of a JSON object, in its order, repeated names included.
pub(crate) fn members<'a>(json: &'a [u8]) -> impl Iterator<Item = (Raw<'a>, Raw<'a>)> + use<'a> {
    let mut lexer = Lexer::new(json);
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = lexer.space(at + 1);
        if at >= lexer.bytes.len() || lexer.peek(start) != b'"' {
            at = lexer.bytes.len();
            return None;
        }
        let (name, begin) = lexer.key(start).ok()?;
        let kind = if name.escaped { Kind::Escaped } else { Kind::Plain };
        let key = Raw { kind, json: lexer.bytes.get(start..name.end)? };
        let (raw, end) = value(&mut lexer, begin)?;
        at = lexer.space(end);
        Some((key, raw))
    })
}

fn value<'a>(lexer: &mut Lexer<'a>, start: usize) -> Option<(Raw<'a>, usize)> {
    let (kind, end) = match lexer.peek(start) {
        b'"' => {
            let text = lexer.string(start).ok()?;
            (if text.escaped { Kind::Escaped } else { Kind::Plain }, text.end)
        }
        first => {
            let kind = match first {
                b'{' => Kind::Object,
                b'[' => Kind::Array,
                b't' => Kind::True,
                b'f' => Kind::False,
                b'n' => Kind::Null,
                _ => Kind::Number,
            };
            (kind, lexer.skip(start, 0).ok()?)
        }
    };
    Some((Raw { kind, json: lexer.bytes.get(start..end)? }, end))
}
