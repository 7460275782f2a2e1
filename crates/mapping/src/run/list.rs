//! Lists and their items.

use super::Run;
use super::object::{Identified, open};
use super::scratch::{Identity, ItemKey};
use crate::plan::{Cast, Elements, Item, List, NameId, Object, Scalar, Walk};
use crate::scan::decode;
use crate::slot::Kind;

/// A list being written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    /// An item that repeats an earlier one is left out.
    pub unique: bool,
    /// Where this list's identities begin.
    items_from: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    Written,
    /// Left out, for it repeats another.
    Repeated,
    /// There was nothing to write.
    Nothing,
}

impl Run<'_> {
    /// Writes a list. False: nothing is known of it, and nothing was appended. A list that is known to be empty is `[]`.
    pub(super) fn list(&mut self, list: &List, unique: bool, base: usize) -> bool {
        let start = self.out.len();
        let writer = Writer { unique, items_from: self.scratch.items.len() };
        let identities_from = self.scratch.identities.len();
        let known = self.items(list, base, &writer);
        if unique {
            self.scratch.items.truncate(writer.items_from);
            self.scratch.identities.truncate(identities_from);
        }
        if !known {
            return false;
        }
        open(self.out, start, b'[');
        self.out.push(b']');
        true
    }

    /// Writes the items, each with a comma before it; whether the list is known.
    fn items(&mut self, list: &List, base: usize, writer: &Writer) -> bool {
        match list {
            List::Fixed(items) => {
                let mut any = false;
                for item in items {
                    any |= self.put(item, base, writer) != Put::Nothing;
                }
                any
            }
            List::Each { walk, condition, item, name, lone } => {
                let Some(mut frame) = self.frames(walk, base, *name) else {
                    return self.no_frames(list, base, writer);
                };
                // A list of which nothing can be written is not known to be empty.
                let (mut wanted, mut written) = (false, false);
                let (start, items_from) = (self.out.len(), self.scratch.items.len());
                while frame != 0 {
                    let Some(holds) = condition.as_ref().map_or(Some(true), |condition| self.verdict(condition, frame))
                    else {
                        // Which of its items are wanted is not known, so nothing is known of the list.
                        self.out.truncate(start);
                        self.scratch.items.truncate(items_from);
                        return false;
                    };
                    if holds {
                        wanted = true;
                        match self.put(item, frame, writer) {
                            Put::Nothing if *lone => {}
                            Put::Nothing => self.scratch.report.add_dropped(&self.from.core.names, *name),
                            Put::Written | Put::Repeated => written = true,
                        }
                    }
                    frame = self.next(frame);
                }
                written || !wanted
            }
            List::Concat(lists) => {
                let (mut known, start, touched) = (false, self.out.len(), self.scratch.touched);
                for list in lists {
                    known |= self.items(list, base, writer);
                }
                // A part that could not be read may have held something.
                known && (self.out.len() > start || self.scratch.touched == touched)
            }
            List::First(lists) => {
                let (mut known, start, touched) = (false, self.out.len(), self.scratch.touched);
                for list in lists {
                    known |= self.items(list, base, writer);
                    if self.out.len() > start {
                        break;
                    }
                    // No alternative stands in for what was not seen.
                    if self.scratch.touched != touched {
                        return false;
                    }
                }
                known
            }
            List::Cases(cases) => {
                for case in cases {
                    match case.when.as_ref().map_or(Some(true), |when| self.verdict(when, base)) {
                        Some(true) => return self.items(&case.then, base, writer),
                        Some(false) => {}
                        None => break,
                    }
                }
                false
            }
            List::Nothing => false,
        }
    }

    /// There is no array to walk: a lone value is a list of one where the field is a list of plain values.
    fn no_frames(&mut self, list: &List, base: usize, writer: &Writer) -> bool {
        let List::Each { walk: Walk { from: Elements::Scanned(place), .. }, item, name, lone, .. } = list else {
            return false;
        };
        let value = self.slot(*place, base).value();
        if let (true, Item::Scalar(_, cast, name)) = (*lone, item)
            && value.kind() != Kind::Object
        {
            return self.put_scalar(&Scalar::Path(*place), cast, *name, base, writer) != Put::Nothing;
        }
        self.unreadable(value, *name);
        false
    }

    #[inline]
    fn put(&mut self, item: &Item, base: usize, writer: &Writer) -> Put {
        match item {
            Item::Scalar(scalar, cast, name) => self.put_scalar(scalar, cast, *name, base, writer),
            Item::Object(object) => {
                let (before, from) = (self.out.len(), self.scratch.identities.len());
                self.out.push(b',');
                let found = match object {
                    Object::Members(members) => self.members(members, base, Some(writer)),
                    other => self.item(other, base, Some(writer)),
                };
                match found {
                    Some(Identified { key: Some(key) }) if writer.unique => self.close(writer, key, before, from),
                    Some(_) => Put::Written,
                    None => {
                        self.out.truncate(before);
                        Put::Nothing
                    }
                }
            }
        }
    }

    fn put_scalar(&mut self, scalar: &Scalar, cast: &Cast, name: NameId, base: usize, writer: &Writer) -> Put {
        let before = self.out.len();
        self.out.push(b',');
        if !self.write(scalar, cast, base, name) {
            self.out.truncate(before);
            return Put::Nothing;
        }
        if !writer.unique {
            return Put::Written;
        }
        let key = ItemKey { rank: 0, start: before + 1, end: self.out.len() };
        let from = self.scratch.identities.len();
        self.close(writer, key, before, from)
    }

    /// Behind an item: out with it if it repeats another. `from` is where its identity's further parts begin.
    fn close(&mut self, writer: &Writer, key: ItemKey, before: usize, from: usize) -> Put {
        let within = (from, self.scratch.identities.len());
        let json = self.out.get(key.start..key.end).unwrap_or_default();
        let item = Identity { key, within, escaped: memchr::memchr(b'\\', json).is_some() };
        let earlier = self.scratch.items.get(writer.items_from..).unwrap_or_default();
        if earlier.iter().any(|other| is_same(&self.scratch.identities, self.out, other, &item)) {
            self.scratch.identities.truncate(from);
            self.out.truncate(before);
            return Put::Repeated;
        }
        self.scratch.items.push(item);
        Put::Written
    }
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
