//! The value of a scalar expression.

use super::{Found, Run, Scratch};
use crate::plan::{Elements, Find, Lookup, NameId, Part, Piece, Scalar, Split, ValueMap, Walk};
use crate::raw::{self, Raw};
use crate::slot::{BUFFER, Kind, Value};
use crate::time::{self, Format, Reading};

impl Run<'_> {
    pub(super) fn eval(&self, scratch: &mut Scratch, scalar: &Scalar, base: usize, name: NameId) -> Value {
        match scalar {
            Scalar::Path(place) => Self::slot(scratch, *place, base).value,
            Scalar::Constant(constant) => *constant,
            Scalar::Nothing => Value::MISSING,
            Scalar::First(choices) => {
                for choice in choices {
                    let value = self.eval(scratch, choice, base, name);
                    if !self.is_empty(scratch, value) {
                        return value;
                    }
                }
                Value::MISSING
            }
            Scalar::Map(map) => self.map_value(scratch, map, base, name),
            Scalar::Cases(cases) => {
                for case in cases {
                    if case.when.as_ref().is_none_or(|when| self.holds(scratch, when, base)) {
                        return self.eval(scratch, &case.then, base, name);
                    }
                }
                Value::MISSING
            }
            Scalar::Test(condition) => {
                if self.knows(scratch, condition, base) {
                    self.boolean(self.holds(scratch, condition, base))
                } else {
                    Value::MISSING
                }
            }
            Scalar::Not(inner) => {
                let value = self.eval(scratch, inner, base, name);
                match self.truth(scratch, value) {
                    Some(truth) => self.boolean(!truth),
                    None => self.unreadable(scratch, value, name),
                }
            }
            Scalar::Find(find) => self.find(scratch, find, base, name),
            Scalar::Lookup(lookup) => self.look_up(scratch, lookup, base, name).unwrap_or(Value::MISSING),
            Scalar::Join(join) => self.join(scratch, &join.parts, &join.with, base, name),
            Scalar::Template(pieces) => self.template(scratch, pieces, base, name),
            Scalar::Split(split) => self.split(scratch, split, base, name),
            Scalar::Lower(inner) => self.recased(scratch, inner, false, base, name),
            Scalar::Upper(inner) => self.recased(scratch, inner, true, base, name),
            Scalar::Date(date) => {
                let value = self.eval(scratch, &date.from, base, name);
                self.time(scratch, value, &date.format, name)
            }
        }
    }

    /// A value that is there but not of its type: counted, then missing.
    pub(super) fn unreadable(&self, scratch: &mut Scratch, value: Value, name: NameId) -> Value {
        if !self.is_empty(scratch, value) {
            scratch.report.add_unreadable(&self.core.names, name);
        }
        Value::MISSING
    }

    /// `true` and `false` in any case, as texts or not, 1 and 0.
    pub(super) fn truth(&self, scratch: &mut Scratch, value: Value) -> Option<bool> {
        match value.kind {
            Kind::True => return Some(true),
            Kind::False => return Some(false),
            _ => {}
        }
        let text = self.text(scratch, value);
        match self.bytes(scratch, text) {
            b"1" => Some(true),
            b"0" => Some(false),
            text if text.eq_ignore_ascii_case(b"true") => Some(true),
            text if text.eq_ignore_ascii_case(b"false") => Some(false),
            _ => None,
        }
    }

    fn boolean(&self, truth: bool) -> Value {
        // The constants of every plan begin with the two truths.
        if truth {
            Value::new(Kind::True, crate::slot::CONSTANT, 0, 4)
        } else {
            Value::new(Kind::False, crate::slot::CONSTANT, 4, 9)
        }
    }

    fn map_value(&self, scratch: &mut Scratch, map: &ValueMap, base: usize, name: NameId) -> Value {
        let from = self.eval(scratch, &map.from, base, name);
        let text = self.text(scratch, from);
        if text.is_missing() {
            return match &map.otherwise {
                // `else` is for what no key fits; an absent value is not a value.
                _ if self.is_empty(scratch, from) => Value::MISSING,
                Some(otherwise) => self.eval(scratch, otherwise, base, name),
                None => self.unreadable(scratch, from, name),
            };
        }
        let bytes = self.bytes(scratch, text);
        if let Some(target) = map.keys.get(bytes) {
            return map.targets.get(target as usize).copied().flatten().unwrap_or(Value::MISSING);
        }
        if let Some(otherwise) = &map.otherwise {
            return self.eval(scratch, otherwise, base, name);
        }
        if map.open {
            // The cast reports it, since it sees that it is none of the field's values.
            return text;
        }
        self.report_unmapped(scratch, text, name);
        Value::MISSING
    }

    pub(super) fn report_unmapped(&self, scratch: &mut Scratch, text: Value, name: NameId) {
        let mut report = std::mem::take(&mut scratch.report);
        report.add_unmapped(&self.core.names, name, self.bytes(scratch, text));
        scratch.report = report;
    }

    fn find(&self, scratch: &mut Scratch, find: &Find, base: usize, name: NameId) -> Value {
        let Some((mut frame, _)) = self.frames(scratch, &find.walk, base, name) else {
            return Value::MISSING;
        };
        while frame != 0 {
            if self.holds(scratch, &find.condition, frame) {
                return self.eval(scratch, &find.take, frame, name);
            }
            frame = Self::next(scratch, frame);
        }
        Value::MISSING
    }

    /// The first frame of a walk (0: no element), and whether there is a list at all.
    pub(super) fn frames(
        &self,
        scratch: &mut Scratch,
        walk: &Walk,
        base: usize,
        name: NameId,
    ) -> Option<(usize, Value)> {
        let slot = match &walk.from {
            Elements::Scanned(place) => Self::slot(scratch, *place, base),
            Elements::Lookup(lookup, frame) => {
                let found = self.look_up(scratch, lookup, base, name)?;
                let base = self.scan_made(scratch, *frame, found.start as usize)?;
                scratch.slots.get(base + 1).copied().unwrap_or_default()
            }
            Elements::Split(split, frame) => {
                let start = self.split_all(scratch, split, base, name)?;
                let base = self.scan_made(scratch, *frame, start)?;
                scratch.slots.get(base + 1).copied().unwrap_or_default()
            }
        };
        let wanted = if walk.entries { Kind::Object } else { Kind::Array };
        if slot.value.kind != wanted {
            // Languages without a difference between lists and maps write an empty map as an empty list.
            let empty = matches!(slot.value.kind, Kind::Array | Kind::Object) && self.is_empty(scratch, slot.value);
            return empty.then_some((0, slot.value));
        }
        Some((slot.next as usize, slot.value))
    }

    /// What a table holds, copied into the buffer; with `take` the member alone.
    pub(super) fn look_up(&self, scratch: &mut Scratch, lookup: &Lookup, base: usize, name: NameId) -> Option<Value> {
        let key = self.eval(scratch, &lookup.key, base, name);
        let key = self.text(scratch, key);
        if key.is_missing() {
            return None;
        }
        let key = std::str::from_utf8(self.bytes(scratch, key)).ok()?;
        let json: &[u8] = match self.inputs.tables.find(lookup.table, key) {
            Found::Value(json) => json,
            Found::Nothing if lookup.take.is_none() => b"[]",
            Found::Nothing | Found::Unknown => return None,
        };
        let mut raw = Raw::first(json)?;
        if let Some(take) = &lookup.take {
            raw = raw::members(raw.json).filter(|(name, _)| name.is_text(take)).last()?.1;
        }
        let start = scratch.buffer.len();
        scratch.buffer.extend_from_slice(raw.json);
        let made = scratch.made(start);
        Some(Value { kind: raw.kind, ..made })
    }

    /// The present parts with the separator between them.
    fn join(&self, scratch: &mut Scratch, parts: &[Scalar], with: &str, base: usize, name: NameId) -> Value {
        let mut joined = Value::MISSING;
        for part in parts {
            let value = self.eval(scratch, part, base, name);
            let text = self.text(scratch, value);
            if text.is_missing() {
                self.unreadable(scratch, value, name);
                continue;
            }
            let start = again(scratch, joined);
            if !joined.is_missing() {
                scratch.buffer.extend_from_slice(with.as_bytes());
            }
            joined = self.add(scratch, start, text);
        }
        joined
    }

    /// All pieces one behind the other, or nothing if one is missing.
    fn template(&self, scratch: &mut Scratch, pieces: &[Piece], base: usize, name: NameId) -> Value {
        let mut whole = Value::MISSING;
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    let start = again(scratch, whole);
                    scratch.buffer.extend_from_slice(text.as_bytes());
                    whole = scratch.made(start);
                }
                Piece::Path(place) => {
                    let value = Self::slot(scratch, *place, base).value;
                    let text = self.text(scratch, value);
                    if text.is_missing() {
                        return self.unreadable(scratch, value, name);
                    }
                    let start = again(scratch, whole);
                    whole = self.add(scratch, start, text);
                }
            }
        }
        whole
    }

    /// Appends a text to the buffer; what has been made since `start`.
    fn add(&self, scratch: &mut Scratch, start: usize, text: Value) -> Value {
        if text.source == BUFFER {
            scratch.buffer.extend_from_within(text.start as usize..text.end as usize);
        } else {
            scratch.buffer.extend_from_slice(self.fixed(text));
        }
        scratch.made(start)
    }

    fn split(&self, scratch: &mut Scratch, split: &Split, base: usize, name: NameId) -> Value {
        let value = self.eval(scratch, &split.from, base, name);
        let text = self.text(scratch, value);
        if text.is_missing() {
            return self.unreadable(scratch, value, name);
        }
        let Ok(whole) = std::str::from_utf8(self.bytes(scratch, text)) else {
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
        let start = text.start + (part.as_ptr() as usize - whole.as_ptr() as usize) as u32;
        // What a separator has stood beside may be white space.
        let part = Value { start, end: start + part.len() as u32, clean: false, ..text };
        Value { clean: text.clean, ..self.text(scratch, part) }
    }

    /// The parts of a text as a JSON array in the buffer; where it begins.
    fn split_all(&self, scratch: &mut Scratch, split: &Split, base: usize, name: NameId) -> Option<usize> {
        let value = self.eval(scratch, &split.from, base, name);
        let text = self.text(scratch, value);
        if text.is_missing() {
            self.unreadable(scratch, value, name);
            return None;
        }
        let mut json = std::mem::take(&mut scratch.spare);
        json.clear();
        json.push(b'[');
        let whole = std::str::from_utf8(self.bytes(scratch, text)).unwrap_or_default();
        for part in whole.split(&*split.on).map(str::trim).filter(|part| !part.is_empty()) {
            if json.len() > 1 {
                json.push(b',');
            }
            json.push(b'"');
            super::text::escape(part.as_bytes(), &mut json);
            json.push(b'"');
        }
        json.push(b']');
        let start = scratch.buffer.len();
        scratch.buffer.extend_from_slice(&json);
        scratch.spare = json;
        (!scratch.made(start).is_missing()).then_some(start)
    }

    fn recased(&self, scratch: &mut Scratch, inner: &Scalar, upper: bool, base: usize, name: NameId) -> Value {
        let value = self.eval(scratch, inner, base, name);
        let text = self.text(scratch, value);
        if text.is_missing() {
            return self.unreadable(scratch, value, name);
        }
        let start = scratch.buffer.len();
        let made = self.add(scratch, start, text);
        let Some(copy) = scratch.buffer.get_mut(start..) else {
            return made;
        };
        if copy.is_ascii() {
            if upper {
                copy.make_ascii_uppercase();
            } else {
                copy.make_ascii_lowercase();
            }
            return Value { clean: text.clean, ..made };
        }
        let text = String::from_utf8_lossy(copy);
        let recased = if upper { text.to_uppercase() } else { text.to_lowercase() };
        scratch.buffer.truncate(start);
        scratch.buffer.extend_from_slice(recased.as_bytes());
        scratch.made(start)
    }

    /// A time as RFC 3339.
    pub(super) fn time(&self, scratch: &mut Scratch, value: Value, format: &Format, name: NameId) -> Value {
        let text = self.text(scratch, value);
        let reading = match value.kind {
            Kind::True | Kind::False => Reading::Unreadable,
            _ => std::str::from_utf8(self.bytes(scratch, text))
                .map_or(Reading::Unreadable, |text| time::read(text, format)),
        };
        match reading {
            Reading::At(moment) => {
                let start = scratch.buffer.len();
                time::write(&moment, &mut scratch.buffer);
                Value { clean: true, ..scratch.made(start) }
            }
            Reading::Never => Value::MISSING,
            Reading::Unreadable => self.unreadable(scratch, value, name),
        }
    }
}

/// Where a text that is being put together begins, at the end of the buffer: its next part may have put others behind it.
fn again(scratch: &mut Scratch, so_far: Value) -> usize {
    if so_far.is_missing() {
        return scratch.buffer.len();
    }
    if so_far.end as usize == scratch.buffer.len() {
        return so_far.start as usize;
    }
    let start = scratch.buffer.len();
    scratch.buffer.extend_from_within(so_far.start as usize..so_far.end as usize);
    start
}
