//! Lists and their items.

use super::{Run, Scratch};
use crate::plan::{Cast, Item, List, NameId, Object, Scalar};
use crate::run::scratch::{Identity, ItemKey};
use crate::scan::decode;
use crate::slot::Kind;

/// A list being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    /// Where the list begins in the output.
    start: usize,
    /// An item that repeats an earlier one is left out.
    pub unique: bool,
    /// Where this list's identities begin.
    items_from: usize,
}

impl Run<'_> {
    /// Writes a list. False: nothing is known of it, and nothing was appended. A list that is known to be empty is `[]`.
    pub(super) fn list(
        &self,
        scratch: &mut Scratch,
        list: &List,
        unique: bool,
        base: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let writer = Writer { start: out.len(), unique, items_from: scratch.items.len() };
        let identities_from = scratch.identities.len();
        out.push(b'[');
        let known = self.items(scratch, list, base, &writer, out);
        scratch.items.truncate(writer.items_from);
        scratch.identities.truncate(identities_from);
        if !known {
            out.truncate(writer.start);
            return false;
        }
        out.push(b']');
        true
    }

    /// Writes the items; whether the list is known.
    fn items(&self, scratch: &mut Scratch, list: &List, base: usize, writer: &Writer, out: &mut Vec<u8>) -> bool {
        match list {
            List::Nothing => false,
            List::Fixed(items) => {
                let mut any = false;
                for item in items {
                    any |= self.put(scratch, item, base, writer, out) != Put::Nothing;
                }
                any
            }
            List::Concat(lists) => {
                let mut known = false;
                for list in lists {
                    known |= self.items(scratch, list, base, writer, out);
                }
                known
            }
            List::First(lists) => {
                let mut known = false;
                for list in lists {
                    let before = out.len();
                    known |= self.items(scratch, list, base, writer, out);
                    if out.len() > before {
                        break;
                    }
                }
                known
            }
            List::Cases(cases) => {
                for case in cases {
                    if case.when.as_ref().is_none_or(|when| self.holds(scratch, when, base)) {
                        return self.items(scratch, &case.then, base, writer, out);
                    }
                }
                false
            }
            List::Each { walk, condition, item, name, lone } => {
                let Some((mut frame, _)) = self.frames(scratch, walk, base, *name) else {
                    return self.no_frames(scratch, list, base, writer, out);
                };
                // A list of which nothing can be written is not known to be empty.
                let (mut wanted, mut written) = (false, false);
                while frame != 0 {
                    if condition.as_ref().is_none_or(|condition| self.holds(scratch, condition, frame)) {
                        wanted = true;
                        match self.put(scratch, item, frame, writer, out) {
                            Put::Nothing if *lone => {}
                            Put::Nothing => scratch.report.add_dropped(&self.core.names, *name),
                            Put::Written | Put::Repeated => written = true,
                        }
                    }
                    frame = Self::next(scratch, frame);
                }
                written || !wanted
            }
        }
    }

    /// There is no array to walk: a lone value is a list of one where the field is a list of plain values.
    fn no_frames(&self, scratch: &mut Scratch, list: &List, base: usize, writer: &Writer, out: &mut Vec<u8>) -> bool {
        let List::Each {
            walk: crate::plan::Walk { from: crate::plan::Elements::Scanned(place), .. },
            item,
            name,
            lone,
            ..
        } = list
        else {
            return false;
        };
        let value = Self::slot(scratch, *place, base).value;
        if let (true, Item::Scalar(_, cast, name)) = (*lone, item)
            && !matches!(value.kind, Kind::Object)
        {
            let whole = Scalar::Path(*place);
            return self.put_scalar(scratch, (&whole, cast, *name), base, writer, out) != Put::Nothing;
        }
        self.unreadable(scratch, value, *name);
        false
    }

    #[inline]
    fn put(&self, scratch: &mut Scratch, item: &Item, base: usize, writer: &Writer, out: &mut Vec<u8>) -> Put {
        match item {
            Item::Scalar(scalar, cast, name) => self.put_scalar(scratch, (scalar, cast, *name), base, writer, out),
            Item::Object(object) => {
                let (before, from) = (writer.open(out), scratch.identities.len());
                let found = match object {
                    Object::Members(members) => self.members(scratch, members, base, Some(writer), out),
                    other => self.item(scratch, other, base, Some(writer), out),
                };
                match found.and_then(|found| found.key) {
                    Some(key) if writer.unique => close(scratch, writer, key, before, from, out),
                    Some(_) => Put::Written,
                    None => {
                        scratch.identities.truncate(from);
                        out.truncate(before);
                        Put::Nothing
                    }
                }
            }
        }
    }

    fn put_scalar(
        &self,
        scratch: &mut Scratch,
        item: (&Scalar, &Cast, NameId),
        base: usize,
        writer: &Writer,
        out: &mut Vec<u8>,
    ) -> Put {
        let before = writer.open(out);
        let start = out.len();
        let (scalar, cast, name) = item;
        if !self.write(scratch, scalar, cast, base, name, out) {
            out.truncate(before);
            return Put::Nothing;
        }
        if !writer.unique {
            return Put::Written;
        }
        let key = ItemKey { rank: 0, start, end: out.len() };
        let from = scratch.identities.len();
        close(scratch, writer, key, before, from, out)
    }
}

impl Writer {
    /// Before an item: the comma. Where the item began, with it.
    #[inline]
    fn open(&self, out: &mut Vec<u8>) -> usize {
        let before = out.len();
        if before > self.start + 1 {
            out.push(b',');
        }
        before
    }
}

/// Behind an item: out with it if it repeats another. `from` is where its identity's further parts begin.
fn close(scratch: &mut Scratch, writer: &Writer, key: ItemKey, before: usize, from: usize, out: &mut Vec<u8>) -> Put {
    let within = (from, scratch.identities.len());
    let escaped = memchr::memchr(b'\\', out.get(key.start..key.end).unwrap_or_default()).is_some();
    let item = Identity { key, within, escaped };
    let earlier = scratch.items.get(writer.items_from..).unwrap_or_default();
    if earlier.iter().any(|other| is_same(&scratch.identities, out, other, &item)) {
        scratch.identities.truncate(from);
        out.truncate(before);
        return Put::Repeated;
    }
    scratch.items.push(item);
    Put::Written
}

fn is_same(identities: &[u8], out: &[u8], a: &Identity, b: &Identity) -> bool {
    if a.key.rank != b.key.rank || identities.get(a.within.0..a.within.1) != identities.get(b.within.0..b.within.1) {
        return false;
    }
    let (a_json, b_json) = (out.get(a.key.start..a.key.end), out.get(b.key.start..b.key.end));
    a_json == b_json || (a.escaped || b.escaped) && decoded(a_json) == decoded(b_json)
}

/// The same text can be written with other escapes.
#[cold]
fn decoded(json: Option<&[u8]>) -> Vec<u8> {
    let mut text = Vec::new();
    decode(json.unwrap_or_default(), &mut text);
    text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    Written,
    /// Left out, for it repeats another.
    Repeated,
    /// There was nothing to write.
    Nothing,
}
