//! Running a plan: scan the record once, then write what the slots hold.

mod append;
mod condition;
mod list;
mod made;
mod object;
mod redact;
mod remote;
mod report;
mod scalar;
mod scratch;
mod text;
mod write;

pub(crate) use append::{BLOCK, append};
pub use redact::Redaction;
pub use report::{Report, Unmapped};
pub use scratch::Scratch;
pub(crate) use write::is_number;

use crate::plan::{Core, Place, Plan};
use crate::scan::{Fault, Lexer, ScanError, Scanner};
use crate::slot::{BUFFER, CONSTANT, CONTEXT, PAGE, Slot, Source, Value};
use crate::tree::{FrameId, LINK};

/// Where a record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Start {
    pub offset: usize,
    /// Arrays and objects that are open around it, for the depth limit.
    pub depth: u32,
}

/// What a record was mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// Where the record begins in the page.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether it has an id, which is then [`Scratch::id`].
    pub has_id: bool,
}

/// Stands for a context that was to be read and could not be: what rests on it is left out, and no alternative stands in for it.
pub const UNREAD: Option<&[u8]> = Some(b"");

/// What the mapping may read beside the record.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The values of the declared contexts as JSON, in their order; none where there is no value, [`UNREAD`] where it is not known.
    pub contexts: &'a [Option<&'a [u8]>],
    pub tables: &'a dyn Tables,
}

impl Inputs<'_> {
    /// For a mapping that reads the record alone.
    #[must_use]
    pub fn none() -> Self {
        Self { contexts: &[], tables: &NoTables }
    }
}

/// The tables of a mapping.
pub trait Tables {
    /// What the declared table holds for a key: an object of the kept members in JSON, or an array of them if the table is `many`.
    fn find(&self, table: usize, key: &str) -> Found<'_>;
}

/// What a table holds for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    Value(&'a [u8]),
    /// The table is known and has no such key: an empty list, for a `many` table.
    Nothing,
    /// The table could not be read, so nothing is known.
    Unknown,
}

struct NoTables;

impl Tables for NoTables {
    fn find(&self, _: usize, _: &str) -> Found<'_> {
        Found::Unknown
    }
}

/// Where values are read from.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub core: &'a Core,
    pub page: &'a [u8],
    pub inputs: &'a Inputs<'a>,
}

/// A record being mapped.
pub(crate) struct Run<'a> {
    pub from: Sources<'a>,
    pub scratch: &'a mut Scratch,
    pub out: &'a mut Vec<u8>,
}

impl Plan {
    /// Maps the JSON value at `start` of `page`: appends one compact JSON object to `out` and says where the value ended.
    ///
    /// # Errors
    /// The bytes are not JSON. Nothing has been appended then.
    pub fn map(
        &self,
        page: &[u8],
        start: Start,
        inputs: &Inputs<'_>,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<Mapped, ScanError> {
        let from = Sources { core: &self.core, page, inputs };
        let (start, end, spaced) = from.scan(start, scratch)?;
        let before = out.len();
        Run { from, scratch, out }.record(&self.members);
        if scratch.overflow {
            out.truncate(before);
            return Err(ScanError { offset: start, fault: Fault::Size, context: None });
        }
        if self.remote_data {
            remote::append(page.get(start..end).unwrap_or_default(), spaced, &self.redaction, out);
        }
        object::open(out, before, b'{');
        out.push(b'}');
        Ok(Mapped { start, end, has_id: !scratch.id.is_empty() })
    }
}

impl<'a> Sources<'a> {
    /// Fills the slots: start and end of the value, and whether there is white space in it outside texts.
    pub(crate) fn scan(&self, start: Start, scratch: &mut Scratch) -> Result<(usize, usize, bool), ScanError> {
        let tree = &self.core.tree;
        scratch.begin(tree.frames.first().map_or(0, |frame| usize::from(frame.slots)));
        scratch.trail.begin(&self.core.names, tree.nodes.len());
        if u32::try_from(self.page.len()).is_err() {
            return Err(ScanError { offset: start.offset, fault: Fault::Size, context: None });
        }
        let Scratch { slots, trail, .. } = &mut *scratch;
        let mut scanner = Scanner { lexer: Lexer::new(self.page), tree, slots, source: PAGE, trail };
        let begin = scanner.lexer.space(start.offset);
        scanner.lexer.spaced = false;
        let Ok(end) = scanner.value(begin, self.core.record, 0, start.depth) else {
            return Err(scanner.lexer.error(None));
        };
        let spaced = scanner.lexer.spaced;
        for &(context, node) in &self.core.contexts {
            let Some(Some(bytes)) = self.inputs.contexts.get(context) else {
                continue;
            };
            let source = CONTEXT + context as u8;
            let Scratch { slots, trail, .. } = &mut *scratch;
            let mut scanner = Scanner { lexer: Lexer::new(bytes), tree, slots, source, trail };
            if bytes.is_empty() {
                scanner.unread(node);
                scratch.any_unread = true;
                continue;
            }
            let begin = scanner.lexer.space(0);
            let read = match u32::try_from(bytes.len()) {
                Ok(_) => scanner.value(begin, node, 0, 0).and_then(|end| scanner.lexer.finish(end)),
                Err(_) => Err(scanner.lexer.stop(0, Fault::Size)),
            };
            if read.is_err() {
                return Err(scanner.lexer.error(Some(context)));
            }
        }
        Ok((begin, end, spaced))
    }

    /// The bytes of a value that does not lie in the buffer.
    #[inline]
    pub(crate) fn fixed(&self, value: Value) -> &'a [u8] {
        value.of(self.source(value.source()))
    }

    /// All bytes of a source.
    #[inline]
    pub(crate) fn whole<'x>(&self, buffer: &'x [u8], source: Source) -> &'x [u8]
    where
        'a: 'x,
    {
        if source == BUFFER { buffer } else { self.source(source) }
    }

    #[inline]
    fn source(&self, source: Source) -> &'a [u8] {
        match source {
            PAGE => self.page,
            CONSTANT => &self.core.constants,
            BUFFER => &[],
            context => self.inputs.contexts.get(usize::from(context - CONTEXT)).copied().flatten().unwrap_or_default(),
        }
    }
}

impl Run<'_> {
    /// Scans JSON that was put into the buffer into a new frame; its base.
    pub(crate) fn scan_made(&mut self, frame: FrameId, start: usize) -> Option<usize> {
        let tree = &self.from.core.tree;
        let Scratch { slots, buffer, trail, .. } = &mut *self.scratch;
        let base = slots.len();
        let (root, size) = tree.frames.get(frame as usize).map(|frame| (frame.root, frame.slots))?;
        slots.resize(base + usize::from(size), Slot::default());
        let mut scanner = Scanner { lexer: Lexer::new(buffer), tree, slots, source: BUFFER, trail };
        let read = scanner.value(start, root, base, 0);
        // What has been put there is JSON, so that only its size can be at fault.
        self.scratch.overflow |= read.is_err();
        read.ok().map(|_| base)
    }

    #[inline]
    pub(crate) fn slot(&self, place: Place, base: usize) -> Slot {
        let base = if place.outer { 0 } else { base };
        self.scratch.slots.get(base + usize::from(place.slot)).copied().unwrap_or_default()
    }

    /// The bytes of any value.
    #[inline]
    pub(crate) fn bytes(&self, value: Value) -> &[u8] {
        value.of(self.from.whole(&self.scratch.buffer, value.source()))
    }

    /// The frame behind the one at `base`; 0 is none.
    pub(crate) fn next(&self, base: usize) -> usize {
        self.scratch.slots.get(base + LINK).map_or(0, |slot| slot.next as usize)
    }
}
