//! Lists and their items.

use super::{Run, Scratch};
use crate::plan::{Cast, Item, List, NameId, Scalar};
use crate::run::scratch::Identity;
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

    fn put(&self, scratch: &mut Scratch, item: &Item, base: usize, writer: &Writer, out: &mut Vec<u8>) -> Put {
        match item {
            Item::Scalar(scalar, cast, name) => self.put_scalar(scratch, (scalar, cast, *name), base, writer, out),
            Item::Object(object) => {
                let (before, from) = self.open(scratch, writer, out);
                match self.item(scratch, object, base, Some(writer), out) {
                    Some(found) if found.has_key => self.close(scratch, writer, before, from, out),
                    _ => {
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
        let (before, from) = self.open(scratch, writer, out);
        if self.scalar_item(scratch, item, base, writer, out).is_none() {
            out.truncate(before);
            return Put::Nothing;
        }
        self.close(scratch, writer, before, from, out)
    }

    /// Before an item: the comma.
    fn open(&self, scratch: &Scratch, writer: &Writer, out: &mut Vec<u8>) -> (usize, usize) {
        let before = out.len();
        if before > writer.start + 1 {
            out.push(b',');
        }
        (before, scratch.identities.len())
    }

    /// Behind an item: out with it if it repeats another.
    fn close(&self, scratch: &mut Scratch, writer: &Writer, before: usize, from: usize, out: &mut Vec<u8>) -> Put {
        if !writer.unique {
            return Put::Written;
        }
        let end = scratch.identities.len();
        let identity = scratch.identities.get(from..end).unwrap_or_default();
        let mark = mark(identity);
        let repeated = scratch.items.get(writer.items_from..).unwrap_or_default().iter().any(|other| {
            other.mark == mark && scratch.identities.get(other.start..other.end).is_some_and(|other| other == identity)
        });
        if repeated {
            scratch.identities.truncate(from);
            out.truncate(before);
            return Put::Repeated;
        }
        scratch.items.push(Identity { mark, start: from, end });
        Put::Written
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    Written,
    /// Left out, for it repeats another.
    Repeated,
    /// There was nothing to write.
    Nothing,
}

/// Its length and last bytes: enough to pass over most others without comparing.
fn mark(identity: &[u8]) -> u64 {
    let tail = identity.last_chunk::<8>().map_or(0, |tail| u64::from_le_bytes(*tail));
    tail ^ (identity.len() as u64).rotate_left(48)
}
