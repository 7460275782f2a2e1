//! The completeness record: what a listing did, and whether it is whole.

use std::collections::BTreeMap;

use rollcall_mapping::Report;
use serde::Serialize;

/// What a listing did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Completeness {
    /// Whether nobody is missing. Fields that could not be read are in `missing`.
    pub complete: bool,
    pub connector: String,
    pub resource: String,
    pub started_at: String,
    pub ended_at: String,
    pub passes: Vec<PassRecord>,
    /// HTTP exchanges, retries included.
    pub requests: u64,
    pub retries: u64,
    /// Provider pages.
    pub pages: u64,
    /// Records that came from the provider.
    pub received: u64,
    /// Records that came again under an id that was there already.
    pub repeated: u64,
    /// Records that were united with another of the same id (a person of several parents).
    pub united: u64,
    /// Records that our own filters took out.
    pub filtered: u64,
    /// Records given to the caller.
    pub returned: u64,
    /// Filters by the place where they were applied: `status` → `provider` or `local`.
    pub filters: BTreeMap<String, String>,
    pub sort: Option<String>,
    /// What could not be read, and why.
    pub missing: Vec<Missing>,
    /// Values outside what the model allows, by field.
    pub unmapped: BTreeMap<String, BTreeMap<String, u64>>,
    /// Values that could not be read as their type, by field.
    pub unreadable: BTreeMap<String, u64>,
    pub notes: Vec<String>,
    /// Set when the caller's limit ended the listing.
    pub limited: bool,
}

/// One walk.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PassRecord {
    pub name: String,
    /// The method and path that was walked.
    pub endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    pub pages: u64,
    pub received: u64,
    /// Why it ended.
    pub stop: String,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// A pass, a field's source, a lookup or an enrichment.
    pub what: String,
    /// The fault's kind.
    pub why: String,
    pub message: String,
    /// How many records it concerns, when that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// Whether people may be missing, not only fields of them.
    pub people: bool,
}

impl Completeness {
    /// Notes something that could not be read; the same thing is counted, not repeated.
    pub fn miss(&mut self, what: &str, why: &str, message: &str, people: bool, per_record: bool) {
        if let Some(known) = self.missing.iter_mut().find(|m| m.what == what && m.why == why) {
            if let Some(records) = &mut known.records {
                *records += 1;
            }
            return;
        }
        self.missing.push(Missing {
            what: what.to_owned(),
            why: why.to_owned(),
            message: message.to_owned(),
            records: per_record.then_some(1),
            people,
        });
    }

    /// Whether a person may be missing.
    #[must_use]
    pub fn people_missing(&self) -> bool {
        self.missing.iter().any(|m| m.people)
    }

    /// Takes over what the mapping could not read.
    pub fn take_report(&mut self, report: &Report) {
        for unmapped in report.unmapped() {
            *self
                .unmapped
                .entry(unmapped.field.to_owned())
                .or_default()
                .entry(unmapped.value.to_owned())
                .or_default() += unmapped.count;
        }
        for (field, count) in report.unreadable() {
            *self.unreadable.entry(field.to_owned()).or_default() += count;
        }
    }

    /// One line for people.
    #[must_use]
    pub fn summary(&self) -> String {
        let whole = match (self.complete, self.missing.is_empty()) {
            (true, true) => "complete",
            (true, false) => "everyone, but some of their fields could not be read",
            (false, _) => "PARTIAL",
        };
        let mut text = format!(
            "{} {} from {}: {whole}; {} page(s), {} received",
            self.returned, self.resource, self.connector, self.pages, self.received
        );
        for (count, word) in [
            (self.repeated, "repeated"),
            (self.united, "united"),
            (self.filtered, "filtered out"),
            (self.retries, "retries"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {word}"));
            }
        }
        if self.limited {
            text.push_str(", stopped at the limit");
        }
        for missing in &self.missing {
            text.push_str(&format!("\n  not read: {} ({}): {}", missing.what, missing.why, missing.message));
            if let Some(records) = missing.records {
                text.push_str(&format!(" [{records} record(s)]"));
            }
        }
        for (field, values) in &self.unmapped {
            let values: Vec<String> = values.iter().map(|(value, count)| format!("`{value}` {count}×")).collect();
            text.push_str(&format!("\n  values of `{field}` outside the model: {}", values.join(", ")));
        }
        for (field, count) in &self.unreadable {
            text.push_str(&format!("\n  values of `{field}` that could not be read: {count}"));
        }
        for note in &self.notes {
            text.push_str(&format!("\n  note: {note}"));
        }
        text
    }
}
