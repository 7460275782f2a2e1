//! What the scan leaves behind: where each wanted value is, and what it is.

/// The JSON type of a value, as its source shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    #[default]
    Missing,
    Null,
    False,
    True,
    Number,
    /// A text without escapes: its bytes between the quotes are the text.
    Plain,
    /// A text with escapes.
    Escaped,
    Array,
    Object,
    /// Not JSON but a text as it is, made while the record is mapped.
    Text,
}

/// Which bytes a range is of.
pub(crate) type Source = u8;
/// The page that holds the record.
pub(crate) const PAGE: Source = 0;
/// The first context; the others follow.
pub(crate) const CONTEXT: Source = 1;
/// The constants of the plan, in JSON.
pub(crate) const CONSTANT: Source = 254;
/// What was made for this record.
pub(crate) const BUFFER: Source = 255;
/// More contexts than this are refused when compiling.
pub(crate) const MAX_CONTEXTS: usize = 200;

/// A value: a range of one of the sources.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Value {
    pub start: u32,
    pub end: u32,
    pub kind: Kind,
    pub source: Source,
    /// Of a text: it needs neither trimming nor escapes.
    pub clean: bool,
}

/// A place for a value that the scan may find.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    pub value: Value,
    /// Of an array or object that is walked: the frame of its first element. Of a frame's link slot: the next frame. 0 is none.
    pub next: u32,
}

impl Value {
    pub(crate) const MISSING: Self = Self { start: 0, end: 0, kind: Kind::Missing, source: PAGE, clean: false };

    pub(crate) fn new(kind: Kind, source: Source, start: usize, end: usize) -> Self {
        // The sources are checked to be shorter than 4 GiB before they are scanned.
        Self { start: start as u32, end: end as u32, kind, source, clean: false }
    }

    pub(crate) fn is_missing(self) -> bool {
        matches!(self.kind, Kind::Missing)
    }
}
