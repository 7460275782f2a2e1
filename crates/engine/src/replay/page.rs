//! One recorded answer, read by the code that reads real ones.

use std::time::SystemTime;

use bytes::Bytes;
use http::StatusCode;
use rollcall_connector::calls::{Call, Role};
use rollcall_connector::definition::{FaultKind, Items, Page};
use rollcall_connector::plan::{EachPlan, ParentsPlan, Plan, Walk};
use rollcall_connector::{Connector, MethodName};
use rollcall_mapping::page::{self, PagePlan};
use rollcall_mapping::{Inputs, Scratch, Start};
use serde_json::Value;

use super::ExchangeReport;
use super::recording::{Kind, Recorded};
use super::seen::Seen;
use crate::completeness::Completeness;
use crate::errors::{self, Doing};
use crate::fault::kind_name;
use crate::paging::Paging;
use crate::tables::{TableSet, holds};
use crate::transport::Answer;
use crate::{values, walk};

/// What a page held, as paging needs it.
pub struct Reading {
    pub received: u64,
    /// The values that decide about the next page.
    pub values: Vec<(String, Option<Value>)>,
    pub last: Option<Value>,
}

/// Reads an answer; nothing is given back for errors and answers that cannot be read.
pub fn read(
    connector: &Connector,
    call: &Call<'_>,
    exchange: &Recorded,
    kind: Kind,
    report: &mut ExchangeReport,
    seen: &mut Seen<'_>,
) -> Option<Reading> {
    let answer = Answer {
        status: StatusCode::from_u16(exchange.status).unwrap_or(StatusCode::OK),
        headers: exchange.answer_headers.clone(),
        body: Bytes::from(exchange.bytes()),
    };
    let failed_when = call.plan.and_then(|plan| plan.failed_when.as_ref());
    let failed =
        failed_when.is_some_and(|condition| condition.holds(&answer.body, &[], &mut Scratch::new()).unwrap_or(false));
    if !answer.status.is_success() || failed {
        if kind == Kind::VendorSample && answer.status.is_success() {
            report.notes.push("the sample is a template of an error".to_owned());
        } else {
            error(connector, call, &answer, report);
        }
        return None;
    }
    let (walk, plan) = (call.walk?, call.plan?);
    if answer.body.is_empty() {
        report.notes.push("the recording has no body".to_owned());
        return None;
    }
    if call.request.verb.as_str() != exchange.method {
        report.notes.push(format!(
            "recorded with {}, the connector sends {}",
            exchange.method,
            call.request.verb.as_str()
        ));
    }
    let body = if kind == Kind::Recorded {
        answer.body.clone()
    } else {
        Bytes::from(without_placeholders(&exchange.answer, &answer.body))
    };
    let json = match walk::json_of(walk, &body) {
        Ok(json) => json,
        Err(fault) => {
            report.differences.push(fault.to_string());
            return None;
        }
    };
    let document: Value = match serde_json::from_slice(&json) {
        Ok(document) => document,
        Err(fault) => {
            report.differences.push(format!("the answer is not JSON: {fault}"));
            return None;
        }
    };
    // Rows were made into objects: what stands around them is in the answer itself.
    let original: Option<Value> =
        matches!(walk.items, Items::Rows(_)).then(|| serde_json::from_slice(&body).unwrap_or_default());
    let picked = Paging::paths(&walk.page)
        .into_iter()
        .map(|path| (path.clone(), errors::at(original.as_ref().unwrap_or(&document), &path).cloned()))
        .collect();
    let bare = (kind == Kind::VendorSample && call.method == MethodName::Get && document.is_object())
        .then(|| document.clone());
    let Some(items) = values::items(document, &walk.items) else {
        if let (Some(record), Role::Records) = (bare, call.role) {
            // Vendors show a record where the answer has it in an envelope.
            report.notes.push("the sample is shown without its envelope".to_owned());
            report.records_in = 1;
            let mut mapper = Mapper::new(plan, walk, &json);
            mapper.one(record.to_string().as_bytes(), report);
            mapper.close(kind, report);
            seen.add(call, &[record]);
            return None;
        }
        let sent = exchange.sent();
        let mut otherwise: Vec<String> = call
            .constants()
            .into_iter()
            .filter(|(name, value)| sent.get(name) != Some(value))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        // Some answer in another shape when they are asked for pages.
        otherwise.extend(size_name(&walk.page).filter(|name| !sent.contains_key(*name)).map(str::to_owned));
        if !otherwise.is_empty() {
            report.notes.push(format!(
                "asked without {}: the answer has no list at `{}`",
                otherwise.join(", "),
                place(&walk.items)
            ));
            return None;
        }
        if !walk.items_optional {
            report.differences.push(format!("the answer has no list at `{}`", place(&walk.items)));
        }
        return Some(Reading { received: 0, values: picked, last: None });
    };
    report.records_in = items.len() as u64;
    match call.role {
        Role::Records if call.method == MethodName::Get => {
            let mut mapper = Mapper::new(plan, walk, &json);
            for item in &items {
                mapper.one(item.to_string().as_bytes(), report);
            }
            mapper.close(kind, report);
        }
        Role::Records => list(plan, walk, &json, items.len(), kind, report),
        Role::Lookup => lookup(call, plan, &items, report),
        Role::Parents => parents(call, &items, report),
        Role::Enrich | Role::SignIn | Role::Discover => report.records_out = report.records_in,
    }
    seen.add(call, &items);
    let last = Paging::record_path(&walk.page).and_then(|path| errors::at(items.last()?, path).cloned());
    Some(Reading { received: exchange.trimmed_from.unwrap_or(items.len() as u64), values: picked, last })
}

/// Maps records that were kept without their envelope.
pub fn records_only(
    call: &Call<'_>,
    exchange: &Recorded,
    report: &mut ExchangeReport,
    seen: &mut Seen<'_>,
) -> Option<Reading> {
    let (walk, plan) = (call.walk?, call.plan?);
    let written = match without_placeholders(&exchange.answer, &[]) {
        bytes if bytes.is_empty() => Value::Null,
        bytes => serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    let kept = match written {
        Value::Array(items) => items,
        one @ Value::Object(_) => vec![one],
        _ => Vec::new(),
    };
    // Some keep whole answers after all.
    let enveloped = |item: &Value| {
        if matches!(&walk.items, Items::Path(path) if path == ".") {
            None
        } else {
            values::items(item.clone(), &walk.items)
        }
    };
    let items: Vec<Value> = kept.into_iter().flat_map(|item| enveloped(&item).unwrap_or_else(|| vec![item])).collect();
    let mut attempt = ExchangeReport::default();
    let mut mapper = Mapper::new(plan, walk, b"null");
    for item in &items {
        mapper.one(item.to_string().as_bytes(), &mut attempt);
    }
    mapper.close(Kind::RecordsOnly, &mut attempt);
    if attempt.records_out == 0 && !items.is_empty() {
        report.matched = None;
        report.notes.push("records of another call, or of another API".to_owned());
        return None;
    }
    report.records_in = items.len() as u64;
    report.records_out = attempt.records_out;
    report.resource = attempt.resource;
    report.fields = attempt.fields;
    report.differences = attempt.differences;
    report.notes = attempt.notes;
    seen.add(call, &items);
    None
}

/// What was published or kept without being an answer may hold placeholders: a member with its own name as its value, or `redacted`. They say
/// nothing about real values and are read as null. Ids stay: they only have to be there.
fn without_placeholders(answer: &Value, plain: &[u8]) -> Vec<u8> {
    fn clear(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    let is_id = name.to_lowercase().ends_with("id");
                    match member {
                        Value::String(text) if text == "redacted" || (text == name && !is_id) => *member = Value::Null,
                        other => clear(other),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(clear),
            _ => {}
        }
    }
    match answer {
        Value::Object(_) | Value::Array(_) => {
            let mut cleared = answer.clone();
            clear(&mut cleared);
            cleared.to_string().into_bytes()
        }
        _ => plain.to_vec(),
    }
}

/// Walks the page as a listing does.
fn list(plan: &Plan, walk: &Walk, json: &[u8], expected: usize, kind: Kind, report: &mut ExchangeReport) {
    let items = match &walk.items {
        Items::Path(path) => page::Items::List(path.strip_suffix("[]").unwrap_or(path)),
        Items::ValuesOf(values) => page::Items::ValuesOf(&values.values_of),
        Items::Rows(_) => page::Items::List("."),
        Items::One(one) => page::Items::One(&one.one),
    };
    let Ok(layout) = PagePlan::compile(items, &[]) else {
        report.differences.push("the place of the records cannot be compiled".to_owned());
        return;
    };
    let mut mapper = Mapper::new(plan, walk, json);
    let mut reader = layout.read(json);
    loop {
        match reader.next() {
            Ok(Some(start)) => {
                let key = reader.key().map(<[u8]>::to_vec);
                match mapper.at(json, start, key.as_deref(), report) {
                    Some(end) => reader.resume(end),
                    None => return,
                }
            }
            Ok(None) => break,
            Err(fault) => {
                report.differences.push(format!("the records at `{}` cannot be read: {fault:?}", place(&walk.items)));
                return;
            }
        }
    }
    if mapper.read != expected {
        report.differences.push(format!("{} records were read where the answer has {expected}", mapper.read));
    }
    mapper.close(kind, report);
}

/// Maps record after record.
struct Mapper<'a> {
    plan: &'a Plan,
    tables: TableSet,
    pass: Option<Vec<u8>>,
    scratch: Scratch,
    ids: Vec<String>,
    read: usize,
    /// People who stand under several parents come several times in one answer.
    nested: bool,
}

impl<'a> Mapper<'a> {
    fn new(plan: &'a Plan, walk: &Walk, json: &[u8]) -> Self {
        // What lookups would give stays unknown.
        let mut tables = TableSet::of_page(plan.tables.len());
        tables.read_page(&plan.tables, json, &mut Completeness::default());
        let nested = matches!(&walk.items, Items::Path(path) if path.trim_end_matches("[]").contains("[]"));
        Self {
            plan,
            tables,
            pass: walk.set.as_ref().map(|set| set.to_string().into_bytes()),
            scratch: Scratch::new(),
            ids: Vec::new(),
            read: 0,
            nested,
        }
    }

    fn one(&mut self, record: &[u8], report: &mut ExchangeReport) {
        self.at(record, Start::default(), None, report);
    }

    /// Maps one record; gives back where it ended.
    fn at(&mut self, json: &[u8], start: Start, key: Option<&[u8]>, report: &mut ExchangeReport) -> Option<usize> {
        self.read += 1;
        let mut contexts: Vec<Option<&[u8]>> = vec![None; self.plan.contexts.len()];
        if let Some(slot) = contexts.get_mut(0) {
            *slot = key;
        }
        if let Some(slot) = contexts.get_mut(1) {
            *slot = self.pass.as_deref();
        }
        let mut out = Vec::new();
        let inputs = Inputs { contexts: &contexts, tables: &self.tables };
        let mapped = match self.plan.mapping.map(json, start, &inputs, &mut self.scratch, &mut out) {
            Ok(mapped) => mapped,
            Err(fault) => {
                report.differences.push(format!("record {} cannot be read: {fault:?}", self.read));
                return None;
            }
        };
        match self.scratch.id() {
            Some(id) => {
                report.records_out += 1;
                self.ids.push(id.to_owned());
            }
            None => report.differences.push(format!("record {} has no id", self.read)),
        }
        if let Ok(Value::Object(fields)) = serde_json::from_slice(&out) {
            for name in fields.keys() {
                *report.fields.entry(name.clone()).or_default() += 1;
            }
        }
        Some(mapped.end)
    }

    fn close(mut self, kind: Kind, report: &mut ExchangeReport) {
        report.resource = Some(self.plan.resource.clone());
        let all = self.ids.len();
        self.ids.sort();
        self.ids.dedup();
        if self.ids.len() < all && !self.nested {
            let repeated = format!("{} ids repeat within one answer", all - self.ids.len());
            // Samples repeat their one example.
            if kind == Kind::Recorded { report.differences.push(repeated) } else { report.notes.push(repeated) }
        }
        let mapping = self.scratch.take_report();
        for unmapped in mapping.unmapped() {
            report.differences.push(format!(
                "`{}`: the value `{}` is not mapped ({} times)",
                unmapped.field, unmapped.value, unmapped.count
            ));
        }
        for (field, count) in mapping.unreadable() {
            let unreadable = format!("`{field}`: {count} values cannot be read as its type");
            // Samples are put together from examples of single members.
            if kind == Kind::VendorSample { report.notes.push(unreadable) } else { report.differences.push(unreadable) }
        }
        for (field, count) in mapping.dropped() {
            report.notes.push(format!("`{field}`: {count} items without a key were left out"));
        }
    }
}

fn lookup(call: &Call<'_>, plan: &Plan, items: &[Value], report: &mut ExchangeReport) {
    let Some(lookup) = plan.lookups.iter().find(|lookup| lookup.name == call.name) else { return };
    let key = lookup.source.key.clone().unwrap_or_default();
    if !key.starts_with('.') {
        report.records_out = report.records_in;
        return;
    }
    for (index, item) in items.iter().enumerate() {
        if !holds(lookup.condition.as_ref(), item) || errors::at(item, &key).and_then(values::scalar_text).is_some() {
            report.records_out += 1;
        } else {
            report.differences.push(format!("item {} of the lookup has no `{key}`", index + 1));
        }
    }
}

fn parents(call: &Call<'_>, items: &[Value], report: &mut ExchangeReport) {
    let Some(EachPlan { parents: ParentsPlan::Walk { keep, condition, .. }, .. }) = call.each else { return };
    let id = keep.iter().find(|(name, _)| name == "id").map_or(".id", |(_, path)| path.as_str());
    for (index, item) in items.iter().enumerate() {
        if !holds(condition.as_ref(), item) || errors::at(item, id).and_then(values::scalar_text).is_some() {
            report.records_out += 1;
        } else {
            report.differences.push(format!("parent {} has no `{id}`", index + 1));
        }
    }
}

/// What an error is taken for, and whether that can be.
fn error(connector: &Connector, call: &Call<'_>, answer: &Answer, report: &mut ExchangeReport) {
    if answer.status == StatusCode::NOT_MODIFIED || answer.status.is_redirection() {
        report.notes.push("a redirect".to_owned());
        return;
    }
    let doing = Doing { connector: connector.id().to_owned(), what: call.label() };
    let nothing: [&str; 0] = [];
    let fault = errors::fault_of(&connector.definition().http.errors, &doing, answer, SystemTime::UNIX_EPOCH, nothing);
    report.fault = Some(kind_name(fault.kind).to_owned());
    use FaultKind::{BadRequest, Credential, Gone, Permission, ProviderDown, Throttled};
    let plausible = match answer.status.as_u16() {
        200..=299 => matches!(fault.kind, Credential | Permission | Throttled | Gone | BadRequest | ProviderDown),
        401 => matches!(fault.kind, Credential | Permission),
        403 => matches!(fault.kind, Credential | Permission | Throttled),
        404 | 410 => matches!(fault.kind, Gone | Permission | BadRequest | Credential),
        429 => matches!(fault.kind, Throttled),
        500..=599 => matches!(fault.kind, ProviderDown | Throttled),
        _ => matches!(fault.kind, Credential | Permission | Throttled | Gone | BadRequest),
    };
    if !plausible {
        report.differences.push(format!(
            "the error {} is taken for `{}`",
            answer.status.as_u16(),
            kind_name(fault.kind)
        ));
    }
}

/// The parameter that asks for a page size.
fn size_name(page: &Page) -> Option<&str> {
    let size = match page {
        Page::None(p) | Page::Scim(p) | Page::Range(p) => &p.size,
        Page::Link(p) => &p.size,
        Page::NextUrl(p) => &p.size,
        Page::Cursor(p) => &p.size,
        Page::Page(p) => &p.size,
        Page::Offset(p) => &p.size,
        Page::Continue(p) => &p.size,
        Page::Last(p) => &p.size,
    };
    size.as_ref().map(|size| size.param.as_str())
}

fn place(items: &Items) -> &str {
    match items {
        Items::Path(path) => path,
        Items::ValuesOf(values) => &values.values_of,
        Items::Rows(rows) => &rows.rows,
        Items::One(one) => &one.one,
    }
}
