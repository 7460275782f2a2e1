//! Objects and their members.

use super::list::Writer;
use super::text::is_clean;
use super::{Run, Scratch, append};
use crate::plan::{Cast, LookedUp, Member, Members, NameId, Object, Place, Role, Scalar, Shape};
use crate::raw::Raw;
use crate::run::scratch::ItemKey;
use crate::scan::decode;
use crate::slot::{Kind, PAGE};

/// What an item of a list was found to have.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Identified {
    pub key: Option<ItemKey>,
}

impl Run<'_> {
    /// Writes the record's own members, without the closing brace: something may follow.
    pub(super) fn record(&self, scratch: &mut Scratch, members: &[Member], out: &mut Vec<u8>) {
        let start = out.len();
        out.push(b'{');
        for member in members {
            let before = out.len();
            let Some(value) = self.member(scratch, member, 0, start, out) else {
                continue;
            };
            if member.role == Role::Id {
                let inner = out.get(value + 1..out.len() - 1).unwrap_or_default();
                decode(inner, &mut scratch.id);
            }
            if member.hidden {
                out.truncate(before);
            }
        }
    }

    /// Appends name and value; where the value begins. None: there is no value, and nothing was appended.
    #[inline(always)]
    fn member(
        &self,
        scratch: &mut Scratch,
        member: &Member,
        base: usize,
        object: usize,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let before = out.len();
        // The first member of an object has no comma before it.
        let (from, to) = (member.key.start as usize + usize::from(before == object + 1), member.key.end as usize);
        let value = before + (to - from);
        let wrote = match &member.shape {
            // The usual member is a path whose value is not there, or is a text that can be copied.
            Shape::Scalar(Scalar::Path(place), cast) => {
                let base = if place.outer { 0 } else { base };
                let found = &scratch.slots.get(base + usize::from(place.slot))?.value;
                if matches!(found.kind, Kind::Missing | Kind::Null) {
                    return None;
                }
                if found.kind == Kind::Plain && found.source == PAGE && matches!(cast, Cast::Text) {
                    let (start, end) = (found.start as usize, found.end as usize);
                    if is_clean(self.page.get(start..end).unwrap_or_default(), Kind::Plain) {
                        append(out, &self.core.constants, from, to);
                        append(out, self.page, start, end);
                        return Some(value);
                    }
                }
                let found = *found;
                append(out, &self.core.constants, from, to);
                self.write_as(scratch, found, cast, member.name, out)
            }
            shape => {
                append(out, &self.core.constants, from, to);
                self.shape(scratch, shape, base, member.name, out)
            }
        };
        if !wrote {
            out.truncate(before);
            return None;
        }
        Some(value)
    }

    #[inline(never)]
    fn shape(&self, scratch: &mut Scratch, shape: &Shape, base: usize, name: NameId, out: &mut Vec<u8>) -> bool {
        match shape {
            Shape::Scalar(scalar, cast) => self.write(scratch, scalar, cast, base, name, out),
            Shape::List(listed) => self.list(scratch, &listed.list, listed.unique, base, out),
            Shape::Object(object) => self.object(scratch, object, base, out),
        }
    }

    /// Writes an object. False: it would have no member, and nothing was appended.
    pub(super) fn object(&self, scratch: &mut Scratch, object: &Object, base: usize, out: &mut Vec<u8>) -> bool {
        self.item(scratch, object, base, None, out).is_some()
    }

    /// Writes an object as an item: what it has of a key is told, and its identity put behind `writer`'s others.
    pub(super) fn item(
        &self,
        scratch: &mut Scratch,
        object: &Object,
        base: usize,
        writer: Option<&Writer>,
        out: &mut Vec<u8>,
    ) -> Option<Identified> {
        match object {
            Object::Members(members) => self.members(scratch, members, base, writer, out),
            Object::First(choices) => choices.iter().find_map(|choice| self.item(scratch, choice, base, writer, out)),
            Object::Cases(cases) => {
                for case in cases {
                    if case.when.as_ref().is_none_or(|when| self.holds(scratch, when, base)) {
                        return self.item(scratch, &case.then, base, writer, out);
                    }
                }
                None
            }
            Object::Lookup(looked_up) => {
                let LookedUp { lookup, frame, members } = &**looked_up;
                let name = members.all.first().map_or(0, |member| member.name);
                let found = self.look_up(scratch, lookup, base, name)?;
                let base = self.scan_made(scratch, *frame, found.start as usize)?;
                self.members(scratch, members, base, writer, out)
            }
            Object::Copy(place, name) => self.copy(scratch, *place, *name, base, out).then(Identified::default),
            Object::Nothing => None,
        }
    }

    pub(super) fn members(
        &self,
        scratch: &mut Scratch,
        members: &Members,
        base: usize,
        writer: Option<&Writer>,
        out: &mut Vec<u8>,
    ) -> Option<Identified> {
        let is_there =
            |place: &Place| !matches!(Self::slot(scratch, *place, base).value.kind, Kind::Missing | Kind::Null);
        if writer.is_some() && !members.keys.is_empty() && !members.keys.iter().any(is_there) {
            return None;
        }
        let start = out.len();
        out.push(b'{');
        let mut key: Option<ItemKey> = None;
        for member in &members.all {
            let Some(value) = self.member(scratch, member, base, start, out) else {
                continue;
            };
            match member.role {
                Role::Key(rank) if key.is_none_or(|key| rank < key.rank) => {
                    key = Some(ItemKey { rank, start: value, end: out.len() });
                }
                Role::Within if writer.is_some_and(|writer| writer.unique) => {
                    // Names end with a colon and values are JSON, so that no two identities run into each other.
                    scratch.identities.extend_from_slice(self.fixed(member.key));
                    scratch.identities.extend_from_slice(out.get(value..).unwrap_or_default());
                }
                _ => {}
            }
        }
        if out.len() == start + 1 {
            out.truncate(start);
            return None;
        }
        out.push(b'}');
        Some(Identified { key })
    }

    /// The texts and numbers of an object of the provider, as texts.
    fn copy(&self, scratch: &mut Scratch, place: Place, name: NameId, base: usize, out: &mut Vec<u8>) -> bool {
        let value = Self::slot(scratch, place, base).value;
        if value.kind != Kind::Object {
            self.unreadable(scratch, value, name);
            return false;
        }
        let start = out.len();
        out.push(b'{');
        let json = self.bytes(scratch, value).to_vec();
        let object = Raw { kind: Kind::Object, json: &json };
        let mut members: Vec<(String, Raw<'_>)> = Vec::new();
        for (key, value) in object.members() {
            let key = key.verbatim().unwrap_or_default().into_owned();
            // The last of a name counts, in the place of the first.
            match members.iter_mut().find(|(known, _)| *known == key) {
                Some(known) => known.1 = value,
                None => members.push((key, value)),
            }
        }
        for (key, value) in members {
            let text = match value.kind {
                Kind::Plain | Kind::Escaped | Kind::Number => value.text(),
                _ => {
                    if value.is_present() {
                        scratch.report.add_unreadable(&self.core.names, name);
                    }
                    None
                }
            };
            if let Some(text) = text {
                if out.len() > start + 1 {
                    out.push(b',');
                }
                for (text, after) in [(key.as_bytes(), &b"\":"[..]), (text.as_bytes(), b"\"")] {
                    out.push(b'"');
                    super::text::escape(text, out);
                    out.extend_from_slice(after);
                }
            }
        }
        if out.len() == start + 1 {
            out.truncate(start);
            return false;
        }
        out.push(b'}');
        true
    }
}
