//! Lookups: tables fetched once per listing, constant ones, and those inside a page.

use std::collections::HashMap;

use rollcall_connector::plan::{LookupPlan, TablePlan};
use rollcall_mapping::condition::Condition;
use rollcall_mapping::{Found, Scratch, Tables};
use serde_json::{Map, Value};

use crate::completeness::Completeness;
use crate::errors;
use crate::fault::{Fault, FaultKind, kind_name};
use crate::parents::{self, Parent};
use crate::session::{Extra, Session};
use crate::values::scalar_text;
use crate::walk;

/// The tables of a mapping, in its order: those of the page first, then the lookups.
#[derive(Debug, Default)]
pub struct TableSet {
    /// None where a row had no key.
    page: Vec<Option<HashMap<String, Vec<u8>>>>,
    lookups: Vec<Option<HashMap<String, Vec<u8>>>>,
}

impl Tables for TableSet {
    fn find(&self, table: usize, key: &str) -> Found<'_> {
        let known = match self.page.get(table) {
            Some(table) => table.as_ref(),
            None => self.lookups.get(table - self.page.len()).and_then(Option::as_ref),
        };
        match known.map(|table| table.get(key)) {
            Some(Some(bytes)) => Found::Value(bytes),
            Some(None) => Found::Nothing,
            None => Found::Unknown,
        }
    }
}

impl TableSet {
    /// Tables of pages alone; what lookups would give is not known.
    #[must_use]
    pub fn of_page(page_tables: usize) -> Self {
        Self { page: vec![Some(HashMap::new()); page_tables], lookups: Vec::new() }
    }

    /// Fetches the lookups of a plan.
    ///
    /// # Errors
    /// The fault of a lookup that is not optional.
    pub async fn fetch(
        session: &Session,
        plans: &[LookupPlan],
        page_tables: usize,
        extra: Extra<'_>,
        record: &mut Completeness,
    ) -> Result<Self, Fault> {
        let mut set = Self { page: vec![Some(HashMap::new()); page_tables], lookups: Vec::new() };
        for plan in plans {
            if !plan.needed {
                set.lookups.push(None);
                continue;
            }
            match lookup(session, plan, extra).await {
                Ok(table) => set.lookups.push(Some(table)),
                Err(fault) if plan.source.optional => {
                    record.miss(
                        &format!("lookup `{}`", plan.name),
                        kind_name(fault.kind),
                        &fault.message,
                        false,
                        false,
                    );
                    set.lookups.push(None);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(set)
    }

    /// The lookups that were asked for and could not be read.
    #[must_use]
    pub fn unread(&self, plans: &[LookupPlan]) -> Vec<String> {
        plans
            .iter()
            .zip(&self.lookups)
            .filter(|(plan, table)| plan.needed && table.is_none())
            .map(|(plan, _)| plan.name.clone())
            .collect()
    }

    /// Reads the tables inside a page. One with an item that does not have its key is not known: it may be what
    /// somebody needs.
    pub fn read_page(&mut self, plans: &[TablePlan], body: &[u8], record: &mut Completeness) {
        if plans.is_empty() {
            return;
        }
        let document: Value = serde_json::from_slice(body).unwrap_or_default();
        for (plan, table) in plans.iter().zip(&mut self.page) {
            let mut rows = HashMap::new();
            let mut keyless = false;
            let items = errors::at(&document, &plan.source.items).and_then(Value::as_array);
            for item in items.into_iter().flatten() {
                if !holds(plan.condition.as_ref(), item) {
                    continue;
                }
                match key_of(item, &plan.source.key, None) {
                    Key::Of(key) => {
                        let kept = keep(plan.source.keep.iter(), item, None);
                        rows.entry(key).or_insert_with(|| Value::Object(kept).to_string().into_bytes());
                    }
                    Key::Nobody => {}
                    Key::Missing => keyless = true,
                }
            }
            if keyless {
                let message = format!("an item does not have its key `{}`", plan.source.key);
                let why = kind_name(FaultKind::UnexpectedShape);
                record.miss(&format!("table `{}`", plan.name), why, &message, false, false);
            }
            *table = (!keyless).then_some(rows);
        }
    }
}

async fn lookup(session: &Session, plan: &LookupPlan, extra: Extra<'_>) -> Result<HashMap<String, Vec<u8>>, Fault> {
    let mut rows: HashMap<String, Vec<Value>> = HashMap::new();
    if let Some(constant) = &plan.source.table {
        return Ok(constant.iter().map(|(key, row)| (key.clone(), row.to_string().into_bytes())).collect());
    }
    let Some(walk) = &plan.walk else { return Ok(HashMap::new()) };
    let parents = match &plan.each {
        Some(each) => parents::list(session, each, extra).await?.into_iter().map(Some).collect(),
        None => vec![None],
    };
    let max = session.limits().lookup_keys_max;
    let what = format!("reading lookup `{}`", plan.name);
    let key_path = plan.source.key.clone().unwrap_or_default();
    for parent in &parents {
        let with_parent = |name: &str| parent.as_ref().and_then(|p: &Parent| p.value(name)).or_else(|| extra(name));
        let items = walk::collect(session, walk, &what, &with_parent, max).await?;
        for item in items {
            if !holds(plan.condition.as_ref(), &item) {
                continue;
            }
            let key = match key_of(&item, &key_path, parent.as_ref()) {
                Key::Of(key) => key,
                Key::Nobody => continue,
                Key::Missing => {
                    // Left out, it could be the row that somebody needs, and the table would say that there is none.
                    let id = session.connector().id();
                    let message = format!("{id}: an item does not have its key `{key_path}` while {what}");
                    return Err(Fault::new(FaultKind::UnexpectedShape, message).hint(
                        "the provider may have changed its API; items that belong to nobody must be left out with `where`",
                    ));
                }
            };
            let kept = Value::Object(keep(plan.source.keep.iter(), &item, parent.as_ref()));
            let list = rows.entry(key).or_default();
            if plan.source.many {
                if !list.contains(&kept) {
                    list.push(kept);
                }
            } else if list.is_empty() {
                list.push(kept);
            }
        }
    }
    let many = plan.source.many;
    Ok(rows
        .into_iter()
        .map(|(key, mut list)| {
            let value = if many { Value::Array(list) } else { list.pop().unwrap_or_default() };
            (key, value.to_string().into_bytes())
        })
        .collect())
}

/// What an item is found by.
enum Key {
    Of(String),
    /// A null or an empty text: the provider says that it belongs to nobody.
    Nobody,
    Missing,
}

fn key_of(item: &Value, path: &str, parent: Option<&Parent>) -> Key {
    let found = if path.starts_with('.') { upto_null(item, path) } else { read(item, path, parent) };
    match found {
        None => Key::Missing,
        Some(Value::Null) => Key::Nobody,
        Some(Value::String(text)) if text.is_empty() => Key::Nobody,
        Some(value) => scalar_text(&value).map_or(Key::Missing, Key::Of),
    }
}

/// The value at a path, which is null where the path goes through a null.
fn upto_null(item: &Value, path: &str) -> Option<Value> {
    let mut found = item;
    for step in errors::steps(path) {
        found = match found {
            Value::Null => return Some(Value::Null),
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            other => other.get(&step)?,
        };
    }
    Some(found.clone())
}

/// Whether an item meets a condition; without one it does.
pub(crate) fn holds(condition: Option<&Condition>, item: &Value) -> bool {
    condition
        .is_none_or(|condition| condition.holds(item.to_string().as_bytes(), &[], &mut Scratch::new()).unwrap_or(false))
}

/// The kept members of an item.
pub(crate) fn keep<'a>(
    members: impl Iterator<Item = (&'a str, &'a String)>,
    item: &Value,
    parent: Option<&Parent>,
) -> Map<String, Value> {
    members.filter_map(|(name, path)| Some((name.to_owned(), read(item, path, parent)?))).collect()
}

/// The value of a path in an item, of `$parent.path`, or a constant.
fn read(item: &Value, path: &str, parent: Option<&Parent>) -> Option<Value> {
    if let Some(inner) = path.strip_prefix('$') {
        return parent?.json(inner).filter(|v| !v.is_null());
    }
    if path.starts_with('.') {
        return errors::at(item, path).filter(|v| !v.is_null()).cloned();
    }
    Some(Value::from(path))
}
