//! What could not be mapped, counted.

use std::sync::Arc;

use crate::plan::NameId;

/// Different values that are kept by name; further ones are only counted.
const MAX_VALUES: usize = 64;
/// Longer values are cut.
const MAX_LENGTH: usize = 100;

/// What a plan could not map. It is filled without allocating as long as there is nothing to report.
#[derive(Clone, Debug, Default)]
pub struct Report {
    unmapped: Vec<(NameId, String, u64)>,
    more_unmapped: u64,
    unreadable: Vec<(NameId, u64)>,
    dropped: Vec<(NameId, u64)>,
    names: Option<Arc<Vec<String>>>,
}

/// A value that no key of a value map, or no value of an enumeration, fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmapped<'a> {
    /// Dotted: `groups.type`.
    pub field: &'a str,
    pub value: &'a str,
    pub count: u64,
}

impl Report {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unmapped.is_empty() && self.unreadable.is_empty() && self.dropped.is_empty()
    }

    /// Values without a counterpart: passed on raw where the field is open, left out elsewhere.
    pub fn unmapped(&self) -> impl Iterator<Item = Unmapped<'_>> {
        self.unmapped.iter().map(|(name, value, count)| Unmapped { field: self.name(*name), value, count: *count })
    }

    /// How often a value was unmapped beyond those that [`Report::unmapped`] names.
    #[must_use]
    pub fn more_unmapped(&self) -> u64 {
        self.more_unmapped
    }

    /// Fields with values that are not of their type, and how often they were left out.
    pub fn unreadable(&self) -> impl Iterator<Item = (&str, u64)> {
        self.unreadable.iter().map(|(name, count)| (self.name(*name), *count))
    }

    /// Lists with elements that have no key, and how many were left out.
    pub fn dropped(&self) -> impl Iterator<Item = (&str, u64)> {
        self.dropped.iter().map(|(name, count)| (self.name(*name), *count))
    }

    fn name(&self, name: NameId) -> &str {
        self.names.as_ref().and_then(|names| names.get(usize::from(name))).map_or("", String::as_str)
    }

    #[cold]
    pub(super) fn add_unmapped(&mut self, names: &Arc<Vec<String>>, name: NameId, value: &[u8]) {
        self.names = Some(Arc::clone(names));
        let value = String::from_utf8_lossy(value);
        let value: String = value.chars().take(MAX_LENGTH).collect();
        if let Some(known) = self.unmapped.iter_mut().find(|known| known.0 == name && known.1 == value) {
            known.2 += 1;
        } else if self.unmapped.len() < MAX_VALUES {
            self.unmapped.push((name, value, 1));
        } else {
            self.more_unmapped += 1;
        }
    }

    #[cold]
    pub(super) fn add_unreadable(&mut self, names: &Arc<Vec<String>>, name: NameId) {
        self.names = Some(Arc::clone(names));
        count(&mut self.unreadable, name);
    }

    #[cold]
    pub(super) fn add_dropped(&mut self, names: &Arc<Vec<String>>, name: NameId) {
        self.names = Some(Arc::clone(names));
        count(&mut self.dropped, name);
    }
}

fn count(counts: &mut Vec<(NameId, u64)>, name: NameId) {
    match counts.iter_mut().find(|known| known.0 == name) {
        Some(known) => known.1 += 1,
        None => counts.push((name, 1)),
    }
}
