//! What one thread reuses from record to record.

use super::report::Report;
use crate::scan::Trail;
use crate::slot::{BUFFER, Kind, Slot, Value};

/// Made texts larger than this for one record are refused.
const MAX_BUFFER: usize = 1 << 30;

/// Buffers that keep their memory between records. One for each thread and plan.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) slots: Vec<Slot>,
    /// Texts that are made while a record is mapped.
    pub(crate) buffer: Vec<u8>,
    /// Where a text is put together that is then copied into the buffer.
    pub(crate) spare: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) overflow: bool,
    /// The value being worked out is more than a text: an alternative must not stand in for what an unread table would have said.
    pub(crate) is_claim: bool,
    /// A table that could not be read was asked for the value being worked out.
    pub(crate) is_unread: bool,
    /// The record has contexts that could not be read.
    pub(crate) any_unread: bool,
    /// How often something was asked for that could not be read.
    pub(crate) touched: u32,
    /// What the keys of the lists being written hold within.
    pub(crate) identities: Vec<u8>,
    pub(crate) items: Vec<Identity>,
    pub(crate) report: Report,
    /// What the next record is expected to look like.
    pub(crate) trail: Trail,
}

/// Where the key of an item was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ItemKey {
    /// Which of the list's keys it is.
    pub rank: u8,
    pub start: usize,
    pub end: usize,
}

/// What tells an item from others: its key, and what the key holds within, as a range of `identities`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub key: ItemKey,
    pub within: (usize, usize),
    /// The key has escapes.
    pub escaped: bool,
}

impl Scratch {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of the record that was mapped last.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        std::str::from_utf8(&self.id).ok().filter(|id| !id.is_empty())
    }

    /// What could not be mapped since the last call of this.
    pub fn take_report(&mut self) -> Report {
        std::mem::take(&mut self.report)
    }

    /// The same, without taking it.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    pub(crate) fn begin(&mut self, size: usize) {
        self.slots.clear();
        self.slots.resize(size, Slot::default());
        self.buffer.clear();
        self.identities.clear();
        self.items.clear();
        self.id.clear();
        self.overflow = false;
        self.any_unread = false;
    }

    /// What has been appended to the buffer since `start`, as a text.
    pub(crate) fn made(&mut self, start: usize) -> Value {
        let end = self.buffer.len();
        if end > MAX_BUFFER {
            self.overflow = true;
            self.buffer.truncate(start.min(MAX_BUFFER));
            return Value::MISSING;
        }
        Value::new(Kind::Text, BUFFER, start, end)
    }
}
