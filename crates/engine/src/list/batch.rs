//! Records on their way out.

/// Records, one JSON object a line.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub bytes: Vec<u8>,
    /// Where each line ends, its line break included.
    pub ends: Vec<usize>,
}

impl Batch {
    /// One record.
    #[must_use]
    pub fn of(record: &[u8]) -> Self {
        let mut batch = Self::default();
        batch.push(record);
        batch
    }

    /// The records without their line breaks.
    pub fn records(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.bytes.get(start..end.saturating_sub(1)))
    }

    pub(super) fn push(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.close();
    }

    pub(super) fn close(&mut self) {
        self.bytes.push(b'\n');
        self.ends.push(self.bytes.len());
    }
}
