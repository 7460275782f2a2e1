//! A get call: one record by its unified id.

use std::sync::Arc;

use rollcall_connector::MethodName;
use rollcall_connector::definition::Items;
use rollcall_connector::plan::{Plan, Walk};
use rollcall_mapping::{Inputs, Scratch, Start};
use serde_json::Value;

use crate::completeness::Completeness;
use crate::enrich::{self, EnrichState, Second, Subject};
use crate::errors;
use crate::fault::{Fault, FaultKind};
use crate::list::{self, Listing};
use crate::parents::{self, Parent};
use crate::query::{self, Comparison, Filter, ListRequest, ValueKind};
use crate::session::{Extra, Session};
use crate::tables::TableSet;
use crate::transport::Answer;
use crate::values;
use crate::walk::{self, WalkRun};

/// A record and what could not be read of it.
#[derive(Debug)]
pub struct Got {
    pub record: Vec<u8>,
    /// The provider's answer, where it was asked for this record alone.
    pub answer: Option<Answer>,
    pub completeness: Completeness,
}

/// Reads one record.
///
/// # Errors
/// A request that cannot be met; `Gone` when there is no such record; the provider's fault.
pub async fn get(session: Arc<Session>, request: ListRequest, id: &str) -> Result<Got, Fault> {
    let connector = Arc::clone(session.connector());
    let resource = query::resource(&connector, &request.resource, MethodName::Get)?;
    query::exclude(resource, &request.exclude)?;
    let plan = list::compile(&connector, &request, MethodName::Get)?;
    if plan.source.find_in_list {
        return find(session, request, id).await;
    }
    session.prepare().await?;
    let mut completeness = Completeness {
        connector: connector.id().to_owned(),
        resource: request.resource.clone(),
        ..Completeness::default()
    };
    let own = |name: &str| match name {
        "id" => Some(id.to_owned()),
        _ => request.parameters.get(name.strip_prefix("query.")?).cloned(),
    };
    // Read after the record: a refused credential shows itself there, as what it is.
    let mut tables = None;
    let parents: Vec<Option<Parent>> = match &plan.each {
        Some(each) => parents::list(&session, each, &own).await?.into_iter().map(Some).collect(),
        None => vec![None],
    };
    let mut gone = None;
    for parent in &parents {
        for walk in &plan.walks {
            let extra = |name: &str| parent.as_ref().and_then(|p| p.value(name)).or_else(|| own(name));
            match one(&session, &plan, walk, parent.as_ref(), &extra, &own, &mut tables, &mut completeness, id).await {
                Ok((record, answer)) => {
                    completeness.complete = true;
                    completeness.returned = 1;
                    return Ok(Got { record, answer: Some(answer), completeness });
                }
                Err(fault) if fault.kind == FaultKind::Gone => gone = Some(fault),
                Err(fault) => return Err(fault),
            }
        }
    }
    let mut fault = gone.unwrap_or_else(|| Fault::new(FaultKind::Gone, String::new()));
    fault.message = format!("{} has no `{}` with the id `{id}`", connector.id(), request.resource);
    fault.hint = Some("list them to see their ids".to_owned());
    Err(fault)
}

#[expect(clippy::too_many_arguments, reason = "the parts of one call")]
async fn one(
    session: &Session,
    plan: &Plan,
    walk: &Walk,
    parent: Option<&Parent>,
    extra: Extra<'_>,
    own: Extra<'_>,
    tables: &mut Option<TableSet>,
    completeness: &mut Completeness,
    id: &str,
) -> Result<(Vec<u8>, Answer), Fault> {
    let mut run = WalkRun::new(walk, 1);
    let fetched = run.fetch(session, walk, &format!("reading one of `{}`", plan.resource), extra, &|_| {}).await?;
    let json = walk::as_json(session, walk, &fetched)?;
    let tables = match tables {
        Some(tables) => tables,
        None => tables.insert(TableSet::fetch(session, &plan.lookups, plan.tables.len(), own, completeness).await?),
    };
    tables.read_page(&plan.tables, &json, completeness);
    let gone = || Fault::new(FaultKind::Gone, "no such record");
    let not_json = || session.not_json(&fetched.answer, &fetched.doing);
    // A list of one comes where the id is a filter, which a provider may overlook.
    let mut filtered = false;
    let slice: Vec<u8> = match &walk.items {
        Items::Path(path) if path == "." => {
            let document: &serde_json::value::RawValue = serde_json::from_slice(&json).map_err(|_| not_json())?;
            match document.get().trim_start().as_bytes().first() {
                Some(b'{') => document.get().as_bytes().to_vec(),
                Some(b'[') => {
                    filtered = true;
                    let list: Vec<&serde_json::value::RawValue> =
                        serde_json::from_slice(&json).map_err(|_| not_json())?;
                    list.first().ok_or_else(gone)?.get().as_bytes().to_vec()
                }
                _ => return Err(not_json()),
            }
        }
        items => {
            let document: Value = serde_json::from_slice(&json).map_err(|_| not_json())?;
            filtered = matches!(items, Items::Path(path) if errors::at(&document, path).is_some_and(Value::is_array));
            let found = values::items(document, items).ok_or_else(|| walk::no_items(&fetched.doing, items))?;
            found.first().ok_or_else(gone)?.to_string().into_bytes()
        }
    };
    let pass = walk.set.as_ref().map(|set| set.to_string().into_bytes());
    let parent_bytes = parent.map(Parent::bytes);
    let mut contexts: Vec<Option<Vec<u8>>> = vec![None, pass];
    if plan.each.is_some() {
        contexts.push(parent_bytes);
    }
    let subjects = [Subject { id: id.to_owned(), record: serde_json::from_slice(&slice).unwrap_or_default() }];
    for enrich_plan in &plan.enrich {
        let answers = if enrich::wanted(session, enrich_plan, extra) {
            enrich::run(session, enrich_plan, &EnrichState::default(), &subjects, extra, completeness).await?
        } else {
            vec![Second::Nothing]
        };
        contexts.extend(answers.iter().map(|answer| answer.context().map(<[u8]>::to_vec)));
    }
    let borrowed: Vec<Option<&[u8]>> = contexts.iter().map(Option::as_deref).collect();
    let inputs = Inputs { contexts: &borrowed, tables };
    let mut scratch = Scratch::new();
    let mut out = Vec::new();
    plan.mapping.map(&slice, Start::default(), &inputs, &mut scratch, &mut out).map_err(|_| not_json())?;
    completeness.take_report(&scratch.take_report());
    match scratch.id() {
        None => Err(Fault::new(
            FaultKind::UnexpectedShape,
            format!("{}: a record without an id while {}", fetched.doing.connector, fetched.doing.what),
        )),
        Some(other) if filtered && other != id => {
            let message = format!(
                "{} was asked for `{id}` and answered with `{other}` while {}",
                fetched.doing.connector, fetched.doing.what
            );
            Err(Fault::new(FaultKind::UnexpectedShape, message).hint("list them to see their ids"))
        }
        Some(_) => Ok((out, fetched.answer)),
    }
}

/// The provider cannot read one: its list is walked.
async fn find(session: Arc<Session>, request: ListRequest, id: &str) -> Result<Got, Fault> {
    let name = format!("{} has no `{}` with the id `{id}`", session.connector().id(), request.resource);
    let filter = Filter {
        name: "id".to_owned(),
        path: "id".to_owned(),
        comparison: Comparison::OneOf(vec![id.to_owned()]),
        kind: ValueKind::Text,
    };
    let request = ListRequest { filters: vec![filter], limit: None, sort: None, ..request };
    let mut listing = Listing::start(session, request).await?;
    while let Some(batch) = listing.next().await? {
        if let Some(record) = batch.records().next() {
            return Ok(Got {
                record: record.to_vec(),
                answer: None,
                completeness: Completeness { complete: true, returned: 1, ..listing.completeness().clone() },
            });
        }
    }
    if !listing.completeness().complete {
        return Err(Fault::new(
            FaultKind::Permission,
            format!("{name} among those that could be read, and the list is not whole"),
        )
        .hint(listing.completeness().summary()));
    }
    Err(Fault::new(FaultKind::Gone, name).hint("list them to see their ids"))
}
