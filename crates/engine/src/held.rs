//! Records that must wait for the end: people of several parents, who become one record, and lists that are sorted here.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::fault::{Fault, FaultKind};
use crate::query::{Filter, SortBy};
use crate::sift::{filter, sort};

/// What waits.
pub struct Held {
    unite: Vec<String>,
    sort: Option<SortBy>,
    records: Vec<Vec<u8>>,
    by_id: HashMap<String, usize>,
    bytes: usize,
    records_max: usize,
    bytes_max: usize,
}

/// What became of a record.
pub enum Added {
    New,
    /// It was joined with one of the same id.
    United,
    Repeated,
}

impl Held {
    /// Nothing yet.
    #[must_use]
    pub fn new(unite: Vec<String>, sort: Option<SortBy>, records_max: usize, bytes_max: usize) -> Self {
        Self { unite, sort, records: Vec::new(), by_id: HashMap::new(), bytes: 0, records_max, bytes_max }
    }

    /// Whether records of one id become one.
    #[must_use]
    pub fn unites(&self) -> bool {
        !self.unite.is_empty()
    }

    /// Takes a record.
    ///
    /// # Errors
    /// More than can be held: a part is never sorted or given as the whole.
    pub fn add(&mut self, id: &str, record: Vec<u8>, fresh: bool) -> Result<Added, Fault> {
        if !fresh {
            if self.unite.is_empty() {
                return Ok(Added::Repeated);
            }
            if let Some(known) = self.by_id.get(id).and_then(|index| self.records.get_mut(*index)) {
                if let Some(united) = unite(known, &record, &self.unite) {
                    self.bytes += united.len().saturating_sub(known.len());
                    *known = united;
                }
                return Ok(Added::United);
            }
        }
        self.bytes += record.len();
        if self.records.len() >= self.records_max || self.bytes > self.bytes_max {
            let why = if self.sort.is_some() { "sort" } else { "unite" };
            return Err(Fault::new(
                FaultKind::LimitReached,
                format!(
                    "the list is too long to {why} here: more than {} records or {} MiB",
                    self.records_max,
                    self.bytes_max >> 20
                ),
            )
            .hint(if self.sort.is_some() {
                "leave the sort out, or filter first"
            } else {
                "name one parent (organization, workspace or group) at a time"
            }));
        }
        if !self.unite.is_empty() {
            self.by_id.insert(id.to_owned(), self.records.len());
        }
        self.records.push(record);
        Ok(Added::New)
    }

    /// The records in their order, those that meet the filters.
    pub fn into_records(self, filters: &[Filter], filtered: &mut u64) -> Vec<Vec<u8>> {
        let mut records = self.records;
        let before = records.len();
        if !filters.is_empty() {
            records.retain(|record| filter::keeps(filters, record));
        }
        *filtered += (before - records.len()) as u64;
        if let Some(by) = &self.sort {
            sort::sort(&mut records, by);
        }
        records
    }
}

/// One record of two: lists in `fields` joined, fields that only the second has added, everything else from the first, `remote_data` untouched.
fn unite(first: &[u8], second: &[u8], fields: &[String]) -> Option<Vec<u8>> {
    let mut own: Map<String, Value> = Map::new();
    let first: indexed::Record<'_> = indexed::parse(first)?;
    let second: indexed::Record<'_> = indexed::parse(second)?;
    for field in fields {
        let mut list =
            first.get(field).and_then(|raw| serde_json::from_str::<Vec<Value>>(raw.get()).ok()).unwrap_or_default();
        for item in
            second.get(field).and_then(|raw| serde_json::from_str::<Vec<Value>>(raw.get()).ok()).unwrap_or_default()
        {
            if !list.contains(&item) {
                list.push(item);
            }
        }
        if !list.is_empty() {
            own.insert(field.clone(), Value::Array(list));
        }
    }
    let mut out = vec![b'{'];
    let mut names: Vec<&str> = first.names().filter(|name| *name != "remote_data").collect();
    names.extend(second.names().filter(|name| *name != "remote_data" && first.get(name).is_none()));
    if first.get("remote_data").is_some() {
        names.push("remote_data");
    }
    for name in names {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(Value::from(name).to_string().as_bytes());
        out.push(b':');
        match own.get(name) {
            Some(list) => out.extend_from_slice(list.to_string().as_bytes()),
            None => out.extend_from_slice(first.get(name).or_else(|| second.get(name))?.get().as_bytes()),
        }
    }
    out.push(b'}');
    Some(out)
}

/// The members of a mapped record, their values as written.
pub(crate) mod indexed {
    use super::RawValue;
    use std::collections::HashMap;

    pub(crate) struct Record<'a> {
        members: HashMap<String, &'a RawValue>,
        order: Vec<String>,
    }

    impl<'a> Record<'a> {
        pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
            self.members.get(name).copied()
        }

        pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
            self.order.iter().map(String::as_str)
        }
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Record<'_>> {
        let members: HashMap<String, &RawValue> = serde_json::from_slice(bytes).ok()?;
        let ordered: super::Ordered = serde_json::from_slice(bytes).ok()?;
        Some(Record { members, order: ordered.0 })
    }
}

/// Names of an object's members in their order.
pub(crate) struct Ordered(Vec<String>);

impl<'de> serde::Deserialize<'de> for Ordered {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> serde::de::Visitor<'de> for Names {
            type Value = Ordered;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Ordered, A::Error> {
                let mut names = Vec::new();
                while let Some((name, _)) = access.next_entry::<String, serde::de::IgnoredAny>()? {
                    names.push(name);
                }
                Ok(Ordered(names))
            }
        }
        deserializer.deserialize_map(Names)
    }
}
