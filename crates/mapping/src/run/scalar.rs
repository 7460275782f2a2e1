//! The value of a scalar expression.

use super::{Found, Run};
use crate::plan::{Condition, Elements, Find, Lookup, NameId, Place, Scalar, ValueMap, Walk};
use crate::raw::{self, Raw};
use crate::slot::{CONSTANT, Kind, Value};

/// The constants of every plan begin with the two truths.
const TRUE: Value = Value::new(Kind::True, CONSTANT, 0, 4);
const FALSE: Value = Value::new(Kind::False, CONSTANT, 4, 9);

impl Run<'_> {
    pub(super) fn eval(&mut self, scalar: &Scalar, base: usize, name: NameId) -> Value {
        match scalar {
            Scalar::Path(place) => self.read(*place, base),
            Scalar::Constant(constant) => *constant,
            Scalar::Nothing => Value::MISSING,
            Scalar::First(choices) => {
                for choice in choices {
                    let value = self.eval(choice, base, name);
                    if !self.is_empty(value) {
                        return value;
                    }
                    if self.scratch.is_unread && self.scratch.is_claim {
                        break;
                    }
                }
                Value::MISSING
            }
            Scalar::Map(map) => self.map_value(map, base, name),
            Scalar::Cases(cases) => {
                for case in cases {
                    match case.when.as_ref().map_or(Some(true), |when| self.verdict(when, base)) {
                        Some(true) => return self.eval(&case.then, base, name),
                        Some(false) => {}
                        None => break,
                    }
                }
                Value::MISSING
            }
            Scalar::Test(condition) => self.test(condition, base),
            Scalar::Not(inner) => {
                let value = self.eval(inner, base, name);
                match self.truth(value) {
                    Some(true) => FALSE,
                    Some(false) => TRUE,
                    None => self.unreadable(value, name),
                }
            }
            Scalar::Find(find) => self.find(find, base, name),
            Scalar::Lookup(lookup) => self.look_up(lookup, base, name).unwrap_or(Value::MISSING),
            Scalar::Join(join) => self.join(&join.parts, &join.with, base, name),
            Scalar::Template(pieces) => self.template(pieces, base, name),
            Scalar::Split(split) => self.split(split, base, name),
            Scalar::Lower(inner) => self.recased(inner, false, base, name),
            Scalar::Upper(inner) => self.recased(inner, true, base, name),
            Scalar::Date(date) => {
                let value = self.eval(&date.from, base, name);
                self.time(value, &date.format, name)
            }
        }
    }

    /// The value at a place.
    #[inline]
    pub(super) fn read(&mut self, place: Place, base: usize) -> Value {
        let value = self.slot(place, base).value();
        if value.is_unread() {
            self.touch();
        }
        value
    }

    fn test(&mut self, condition: &Condition, base: usize) -> Value {
        match self.verdict(condition, base) {
            Some(holds) if self.knows(condition, base) => {
                if holds {
                    TRUE
                } else {
                    FALSE
                }
            }
            _ => Value::MISSING,
        }
    }

    /// A value that is there but not of its type: counted, then missing.
    pub(super) fn unreadable(&mut self, value: Value, name: NameId) -> Value {
        if !self.is_empty(value) {
            self.scratch.report.add_unreadable(&self.from.core.names, name);
        }
        Value::MISSING
    }

    /// `true` and `false` in any case, as texts or not, 1 and 0.
    pub(super) fn truth(&mut self, value: Value) -> Option<bool> {
        match value.kind() {
            Kind::True => return Some(true),
            Kind::False => return Some(false),
            _ => {}
        }
        let text = self.text(value);
        match self.bytes(text) {
            b"1" => Some(true),
            b"0" => Some(false),
            text if text.eq_ignore_ascii_case(b"true") => Some(true),
            text if text.eq_ignore_ascii_case(b"false") => Some(false),
            _ => None,
        }
    }

    fn map_value(&mut self, map: &ValueMap, base: usize, name: NameId) -> Value {
        let from = self.eval(&map.from, base, name);
        let text = self.text(from);
        if text.is_missing() {
            // `else` is for what no key fits; an absent value is not a value.
            if self.is_empty(from) {
                return Value::MISSING;
            }
            return match &map.otherwise {
                Some(otherwise) => self.eval(otherwise, base, name),
                None => self.unreadable(from, name),
            };
        }
        if let Some(target) = map.keys.get(self.bytes(text)) {
            return map.targets.get(target as usize).copied().flatten().unwrap_or(Value::MISSING);
        }
        if let Some(otherwise) = &map.otherwise {
            return self.eval(otherwise, base, name);
        }
        if map.open {
            // The cast reports it, since it sees that it is none of the field's values.
            return text;
        }
        self.report_unmapped(text, name);
        Value::MISSING
    }

    pub(super) fn report_unmapped(&mut self, text: Value, name: NameId) {
        let mut report = std::mem::take(&mut self.scratch.report);
        report.add_unmapped(&self.from.core.names, name, self.bytes(text));
        self.scratch.report = report;
    }

    fn find(&mut self, find: &Find, base: usize, name: NameId) -> Value {
        let mut frame = self.frames(&find.walk, base, name).unwrap_or(0);
        while frame != 0 {
            match self.verdict(&find.condition, frame) {
                Some(true) => return self.eval(&find.take, frame, name),
                Some(false) => frame = self.next(frame),
                None => break,
            }
        }
        Value::MISSING
    }

    /// The first frame of a walk, 0 where there is no element. None: there is no list.
    pub(super) fn frames(&mut self, walk: &Walk, base: usize, name: NameId) -> Option<usize> {
        let slot = match &walk.from {
            Elements::Scanned(place) => self.slot(*place, base),
            Elements::Lookup(lookup, frame) => {
                let found = self.look_up_whole(lookup, base, name)?;
                let base = self.scan_made(*frame, found.start())?;
                self.scratch.slots.get(base + 1).copied().unwrap_or_default()
            }
            Elements::Split(split, frame) => {
                let start = self.split_all(split, base, name)?;
                let base = self.scan_made(*frame, start)?;
                self.scratch.slots.get(base + 1).copied().unwrap_or_default()
            }
        };
        if slot.value().is_unread() {
            self.touch();
            return None;
        }
        let wanted = if walk.entries { Kind::Object } else { Kind::Array };
        if slot.value().kind() == wanted {
            return Some(slot.next as usize);
        }
        // Languages without a difference between lists and maps write an empty map as an empty list.
        let empty = matches!(slot.value().kind(), Kind::Array | Kind::Object) && self.is_empty(slot.value());
        empty.then_some(0)
    }

    /// What a table holds where nothing else gives the list or object.
    pub(super) fn look_up_whole(&mut self, lookup: &Lookup, base: usize, name: NameId) -> Option<Value> {
        let before = std::mem::take(&mut self.scratch.is_unread);
        let found = self.look_up(lookup, base, name);
        if self.scratch.is_unread {
            self.touch();
        }
        self.scratch.is_unread |= before;
        found
    }

    /// What a table holds, copied into the buffer; with `take` the member alone.
    pub(super) fn look_up(&mut self, lookup: &Lookup, base: usize, name: NameId) -> Option<Value> {
        let key = self.eval(&lookup.key, base, name);
        let text = self.text(key);
        if text.is_missing() {
            self.unreadable(key, name);
            return None;
        }
        let key = std::str::from_utf8(self.bytes(text)).ok()?;
        let json: &[u8] = match self.from.inputs.tables.find(lookup.table, key) {
            Found::Value(json) => json,
            Found::Nothing if lookup.take.is_none() => b"[]",
            Found::Nothing => return None,
            Found::Unknown => {
                self.scratch.is_unread = true;
                return None;
            }
        };
        let mut raw = Raw::first(json)?;
        if let Some(take) = &lookup.take {
            raw = raw::members(raw.json).filter(|(name, _)| name.is_name(take)).last()?.1;
        }
        let start = self.scratch.buffer.len();
        self.scratch.buffer.extend_from_slice(raw.json);
        Some(self.scratch.made(start).as_kind(raw.kind))
    }
}
