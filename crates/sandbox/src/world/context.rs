//! A record as the mapping sees it where it stands.

use std::collections::HashMap;

use rollcall_connector::plan::{Plan, Walk};
use rollcall_connector::request::text;
use rollcall_mapping::{Found as InTable, Inputs, Scratch, Start, Tables};
use serde_json::Value;

use super::World;
use super::builder::ListPlan;
use crate::mark::{Template, fill};
use crate::place;

/// A record where it stands.
pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan,
    pub(super) walk: &'a Walk,
    pub(super) parent: Option<&'a HashMap<String, String>>,
    pub(super) key: Option<&'a str>,
    pub(super) tables: &'a CaseTables,
}

/// Tables as far as the cases fill them: an id may come from one.
#[derive(Default)]
pub(super) struct CaseTables(Vec<HashMap<String, Vec<u8>>>);

impl Tables for CaseTables {
    fn find(&self, table: usize, key: &str) -> InTable<'_> {
        match self.0.get(table).map(|table| table.get(key)) {
            Some(Some(row)) => InTable::Value(row),
            Some(None) => InTable::Nothing,
            None => InTable::Unknown,
        }
    }
}

impl CaseTables {
    pub(super) fn new(world: &World, plan: &ListPlan) -> Self {
        // Those of the page are not read here: they tell of a record what the record refers to, never who it is.
        let mut tables: Vec<HashMap<String, Vec<u8>>> = plan.plan.tables.iter().map(|_| HashMap::new()).collect();
        for (lookup, endpoint) in plan.plan.lookups.iter().zip(&plan.lookups) {
            let mut rows = HashMap::new();
            for (key, row) in lookup.source.table.iter().flatten() {
                rows.insert(key.clone(), row.to_string().into_bytes());
            }
            let exchanges =
                endpoint.and_then(|index| world.endpoints.get(index)).map_or(&[][..], |known| &known.exchanges);
            for exchange in exchanges.iter().filter(|_| !lookup.source.many) {
                let value = |item: &Value, path: &str| match path.strip_prefix('$') {
                    Some(name) => exchange
                        .key
                        .iter()
                        .find(|(known, _)| known == name)
                        .map(|(_, value)| Value::from(value.as_str())),
                    None if path.starts_with('.') => place::at(item, path).filter(|value| !value.is_null()).cloned(),
                    None => Some(Value::from(path)),
                };
                for item in &exchange.items {
                    let holds = lookup.condition.as_ref().is_none_or(|condition| {
                        condition.holds(item.to_string().as_bytes(), &[], &mut Scratch::new()).unwrap_or(false)
                    });
                    let Some(key) = value(item, lookup.source.key.as_deref().unwrap_or_default()).filter(|_| holds)
                    else {
                        continue;
                    };
                    let row: serde_json::Map<String, Value> = lookup
                        .source
                        .keep
                        .iter()
                        .filter_map(|(name, path)| Some((name.to_owned(), value(item, path)?)))
                        .collect();
                    rows.entry(text(&key)).or_insert_with(|| Value::Object(row).to_string().into_bytes());
                }
            }
            tables.push(rows);
        }
        Self(tables)
    }
}

impl Context<'_> {
    fn map(&self, record: &Value) -> Option<(String, Vec<u8>)> {
        let bytes = record.to_string().into_bytes();
        let pass = self.walk.set.as_ref().map(|set| set.to_string().into_bytes());
        let parent = self.parent.map(|members| serde_json::to_vec(members).unwrap_or_default());
        let key = self.key.map(|key| Value::from(key).to_string().into_bytes());
        let each = self.plan.each.as_ref().map(|each| each.source.name.as_str());
        let contexts: Vec<Option<&[u8]>> = self
            .plan
            .contexts
            .iter()
            .map(|name| match name.as_str() {
                "key" => key.as_deref(),
                "pass" => pass.as_deref(),
                name if Some(name) == each => parent.as_deref(),
                _ => None,
            })
            .collect();
        let mut scratch = Scratch::new();
        let mut out = Vec::new();
        self.plan
            .mapping
            .map(&bytes, Start::default(), &Inputs { contexts: &contexts, tables: self.tables }, &mut scratch, &mut out)
            .ok()?;
        Some((scratch.id()?.to_owned(), out))
    }

    pub(super) fn id(&self, record: &Value) -> Option<String> {
        self.map(record).map(|(id, _)| id)
    }

    pub(super) fn unified(&self, record: &Value) -> Option<Value> {
        self.map(record).and_then(|(_, bytes)| serde_json::from_slice(&bytes).ok())
    }
}

/// Whether copies of a record are people of their own.
pub(super) fn copied(context: &Context<'_>, template: &Template) -> bool {
    let id = |number: u64| {
        let key = template.key.as_ref().map(|(_, hole)| fill(hole, number));
        Context { key: key.as_deref(), ..*context }.id(&template.value(number))
    };
    match (id(1), id(2)) {
        (Some(first), Some(second)) => first != second,
        _ => false,
    }
}
