//! Objects and their members.

use super::list::Writer;
use super::scratch::ItemKey;
use super::text::{escape, is_clean};
use super::{Run, append};
use crate::plan::{Cast, LookedUp, Member, Members, NameId, Object, Place, Role, Scalar, Shape};
use crate::raw::Raw;
use crate::scan::decode;
use crate::slot::{Kind, PAGE};

/// What an item of a list was found to have.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Identified {
    pub key: Option<ItemKey>,
}

impl Run<'_> {
    /// Writes the record's own members, without the braces: something may follow.
    pub(super) fn record(&mut self, members: &[Member]) {
        for member in members {
            let before = self.out.len();
            let Some(value) = self.member(member, 0) else {
                continue;
            };
            if member.role == Role::Id {
                let inner = self.out.get(value + 1..self.out.len() - 1).unwrap_or_default();
                decode(inner, &mut self.scratch.id);
            }
            if member.hidden {
                self.out.truncate(before);
            }
        }
    }

    /// Appends comma, name and value; where the value begins. None: there is no value, and nothing was appended.
    #[inline(always)]
    fn member(&mut self, member: &Member, base: usize) -> Option<usize> {
        let before = self.out.len();
        let (from, to) = (member.key.start(), member.key.end());
        let value = before + (to - from);
        let wrote = match &member.shape {
            // The usual member is a path whose value is not there, or is a text that can be copied.
            Shape::Scalar(Scalar::Path(place), cast) => {
                let base = if place.outer { 0 } else { base };
                let found = self.scratch.slots.get(base + usize::from(place.slot))?.value();
                if !found.is_there() {
                    if found.is_unread() {
                        self.touch();
                    }
                    return None;
                }
                if found.is_plain_of(PAGE) && matches!(cast, Cast::Text) {
                    let (start, end) = (found.start(), found.end());
                    if is_clean(self.from.page, start, end) {
                        append(self.out, &self.from.core.constants, from, to);
                        append(self.out, self.from.page, start, end);
                        return Some(value);
                    }
                }

                append(self.out, &self.from.core.constants, from, to);
                self.write_as(found, cast, member.name)
            }
            Shape::Constant(name) => {
                append(self.out, &self.from.core.constants, from, to);
                return Some(before + usize::from(*name));
            }
            shape => {
                if member.needs.as_deref().is_some_and(|needs| self.none_there(needs, base)) {
                    return None;
                }
                append(self.out, &self.from.core.constants, from, to);
                self.shape(shape, base, member.name)
            }
        };
        if !wrote {
            self.out.truncate(before);
            return None;
        }
        Some(value)
    }

    /// Whether it is known that none of the places holds anything but null.
    #[inline]
    fn none_there(&self, places: &[Place], base: usize) -> bool {
        !self.scratch.any_unread
            && !places.iter().any(|place| {
                let base = if place.outer { 0 } else { base };
                let slot = self.scratch.slots.get(base + usize::from(place.slot));
                slot.is_some_and(|slot| slot.value().is_there())
            })
    }

    #[inline(never)]
    fn shape(&mut self, shape: &Shape, base: usize, name: NameId) -> bool {
        match shape {
            Shape::Scalar(scalar, cast) => self.write(scalar, cast, base, name),
            Shape::Constant(_) => true,
            Shape::List(listed) => self.list(&listed.list, listed.unique, base),
            Shape::Object(object) => self.item(object, base, None).is_some(),
        }
    }

    /// Writes an object. None: it would have no member, and nothing was appended. As an item, it puts what its key holds within
    /// behind the other identities.
    pub(super) fn item(&mut self, object: &Object, base: usize, writer: Option<&Writer>) -> Option<Identified> {
        match object {
            Object::Members(members) => self.members(members, base, writer),
            Object::First(choices) => {
                let touched = self.scratch.touched;
                for choice in choices {
                    let found = self.item(choice, base, writer);
                    if found.is_some() || self.scratch.touched != touched {
                        return found;
                    }
                }
                None
            }
            Object::Cases(cases) => {
                for case in cases {
                    match case.when.as_ref().map_or(Some(true), |when| self.verdict(when, base)) {
                        Some(true) => return self.item(&case.then, base, writer),
                        Some(false) => {}
                        None => break,
                    }
                }
                None
            }
            Object::Lookup(looked_up) => {
                let LookedUp { lookup, frame, members, name } = &**looked_up;
                let found = self.look_up_whole(lookup, base, *name)?;
                let base = self.scan_made(*frame, found.start())?;
                self.members(members, base, writer)
            }
            Object::Copy(place, name) => self.copy(*place, *name, base).then(Identified::default),
            Object::Nothing => None,
        }
    }

    pub(super) fn members(&mut self, members: &Members, base: usize, writer: Option<&Writer>) -> Option<Identified> {
        if !members.keys.is_empty() && self.none_there(&members.keys, base) {
            return None;
        }
        let (start, identities) = (self.out.len(), self.scratch.identities.len());
        let mut key: Option<ItemKey> = None;
        for member in &members.all {
            let Some(value) = self.member(member, base) else {
                continue;
            };
            match member.role {
                Role::Key(rank) if key.is_none_or(|key| rank < key.rank) => {
                    key = Some(ItemKey { rank, start: value, end: self.out.len() });
                }
                Role::Within if writer.is_some_and(|writer| writer.unique) => {
                    // Names end with a colon and values are JSON, so that no two identities run into each other.
                    self.scratch.identities.extend_from_slice(self.from.fixed(member.key));
                    self.scratch.identities.extend_from_slice(self.out.get(value..).unwrap_or_default());
                }
                _ => {}
            }
        }
        if self.out.len() == start || members.keyed && key.is_none() {
            self.scratch.identities.truncate(identities);
            self.out.truncate(start);
            return None;
        }
        open(self.out, start, b'{');
        self.out.push(b'}');
        Some(Identified { key })
    }

    /// The texts and numbers of an object of the provider, as texts.
    fn copy(&mut self, place: Place, name: NameId, base: usize) -> bool {
        let value = self.slot(place, base).value();
        if value.kind() != Kind::Object {
            self.unreadable(value, name);
            return false;
        }
        let start = self.out.len();
        let json = value.of(self.from.whole(&self.scratch.buffer, value.source()));
        let mut members: Vec<(String, Raw<'_>)> = Vec::new();
        for (key, value) in (Raw { kind: Kind::Object, json }).members() {
            let key = key.verbatim().unwrap_or_default().into_owned();
            // The last of a name counts, in the place of the first.
            match members.iter_mut().find(|(known, _)| *known == key) {
                Some(known) => known.1 = value,
                None => members.push((key, value)),
            }
        }
        for (key, value) in members {
            if !matches!(value.kind, Kind::Plain | Kind::Escaped | Kind::Number) {
                if value.is_present() {
                    self.scratch.report.add_unreadable(&self.from.core.names, name);
                }
                continue;
            }
            let Some(text) = value.text() else {
                continue;
            };
            self.out.extend_from_slice(b",\"");
            escape(key.as_bytes(), self.out);
            self.out.extend_from_slice(b"\":\"");
            escape(text.as_bytes(), self.out);
            self.out.push(b'"');
        }
        if self.out.len() == start {
            return false;
        }
        open(self.out, start, b'{');
        self.out.push(b'}');
        true
    }
}

/// Every member and item is written with a comma before it; the first one's is where the bracket belongs.
#[inline(always)]
pub(super) fn open(out: &mut Vec<u8>, start: usize, bracket: u8) {
    match out.get_mut(start) {
        Some(comma) => *comma = bracket,
        None => out.push(bracket),
    }
}
