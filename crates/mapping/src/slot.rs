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

/// A value: a range of one of the sources. Two numbers, so that it travels in registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    /// The start below, the end above.
    range: u64,
    /// The kind, the source, and whether it is clean, a byte each.
    tag: u32,
}

const CLEAN: u32 = 1 << 16;

/// Of a missing value: it was to be read and could not be, so that nothing is known of it.
const UNREAD: u32 = 1 << 17;

/// The kinds by their numbers; the last stands for those that there are not.
const KINDS: [Kind; 16] = {
    use Kind::{Array, Escaped, False, Missing, Null, Number, Object, Plain, Text, True};
    let none = Missing;
    [Missing, Null, False, True, Number, Plain, Escaped, Array, Object, Text, none, none, none, none, none, none]
};

/// A place for a value that the scan may find.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    range: u64,
    tag: u32,
    /// Of an array or object that is walked: the frame of its first element. Of a frame's link slot: the next frame. 0 is none.
    pub next: u32,
}

impl Slot {
    #[inline(always)]
    pub(crate) const fn value(&self) -> Value {
        Value { range: self.range, tag: self.tag }
    }

    #[inline(always)]
    pub(crate) const fn set(&mut self, value: Value) {
        self.range = value.range;
        self.tag = value.tag;
    }
}

impl Default for Value {
    fn default() -> Self {
        Self::MISSING
    }
}

impl Value {
    pub(crate) const MISSING: Self = Self { range: 0, tag: Kind::Missing as u32 };
    pub(crate) const UNREAD: Self = Self { range: 0, tag: Kind::Missing as u32 | UNREAD };

    #[inline(always)]
    pub(crate) const fn new(kind: Kind, source: Source, start: usize, end: usize) -> Self {
        // The sources are checked to be shorter than 4 GiB before they are scanned.
        Self { range: start as u64 & 0xFFFF_FFFF | (end as u64) << 32, tag: kind as u32 | (source as u32) << 8 }
    }

    #[inline(always)]
    pub(crate) const fn kind(self) -> Kind {
        KINDS[(self.tag & 15) as usize]
    }

    #[inline(always)]
    pub(crate) const fn source(self) -> Source {
        (self.tag >> 8) as u8
    }

    #[inline(always)]
    pub(crate) const fn start(self) -> usize {
        (self.range & 0xFFFF_FFFF) as usize
    }

    #[inline(always)]
    pub(crate) const fn end(self) -> usize {
        (self.range >> 32) as usize
    }

    /// Of a text: whether it needs neither trimming nor escapes.
    #[inline(always)]
    pub(crate) const fn is_clean(self) -> bool {
        self.tag & CLEAN != 0
    }

    #[inline(always)]
    pub(crate) const fn is_missing(self) -> bool {
        self.tag & 15 == Kind::Missing as u32
    }

    /// Missing, and not known to be.
    #[inline(always)]
    pub(crate) const fn is_unread(self) -> bool {
        self.tag & UNREAD != 0
    }

    /// Neither missing nor null.
    #[inline(always)]
    pub(crate) const fn is_there(self) -> bool {
        self.tag & 15 > Kind::Null as u32
    }

    #[inline(always)]
    pub(crate) const fn is_plain_of(self, source: Source) -> bool {
        self.tag & 0xFFFF == Kind::Plain as u32 | (source as u32) << 8
    }

    /// The same as a text that is clean, or not known to be.
    #[inline(always)]
    pub(crate) const fn as_text(self, clean: bool) -> Self {
        let tag = self.tag & 0xFF00 | Kind::Text as u32;
        Self { range: self.range, tag: if clean { tag | CLEAN } else { tag } }
    }

    #[inline(always)]
    pub(crate) const fn as_kind(self, kind: Kind) -> Self {
        Self { range: self.range, tag: self.tag & 0xFF00 | kind as u32 }
    }

    /// The part from `from` to `to`, counted from its start.
    #[inline(always)]
    pub(crate) const fn part(self, from: usize, to: usize) -> Self {
        let start = self.start();
        Self { range: (start + from) as u64 | ((start + to) as u64) << 32, tag: self.tag }
    }

    /// Without the quotes.
    #[inline(always)]
    pub(crate) const fn inner(self) -> Self {
        Self { range: self.range.wrapping_add(1).wrapping_sub(1 << 32), tag: self.tag }
    }

    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start()..self.end()).unwrap_or_default()
    }
}
