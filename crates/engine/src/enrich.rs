//! Second calls per record: bounded in number at once, best effort unless the connector says otherwise, and reported.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream;
use rollcall_connector::plan::EnrichPlan;
use rollcall_connector::template::Position;
use rollcall_mapping::UNREAD;
use serde_json::Value;

use crate::completeness::Completeness;
use crate::errors;
use crate::fault::{Fault, FaultKind, kind_name};
use crate::session::{Extra, Session};
use crate::values::{self, scalar_text};
use crate::walk::{self, WalkRun};

/// A record that is waiting for its second calls.
pub struct Subject {
    pub id: String,
    pub record: Value,
}

type Call<'a> = Pin<Box<dyn Future<Output = Result<Second, Fault>> + Send + 'a>>;

/// What the second calls of one kind gave, per record.
pub type Answers = Vec<Second>;

/// What a second call gave.
#[derive(Clone, Debug)]
pub enum Second {
    /// Nothing: it was not asked for, or there is nothing.
    Nothing,
    /// It failed, so that nothing is known.
    Unread,
    Json(Vec<u8>),
}

impl Second {
    /// As the mapping takes it.
    #[must_use]
    pub fn context(&self) -> Option<&[u8]> {
        match self {
            Self::Nothing => None,
            Self::Unread => UNREAD,
            Self::Json(bytes) => Some(bytes),
        }
    }

    fn of(value: Option<Value>) -> Self {
        value.map_or(Self::Nothing, |value| Self::Json(value.to_string().into_bytes()))
    }
}

/// Refusals in a row, without any success, after which a second call is not tried again.
const GIVE_UP_AFTER: u32 = 3;

/// State of one kind of second call over a listing.
#[derive(Debug, Default)]
pub struct EnrichState {
    given_up: AtomicBool,
    refused: AtomicU32,
    succeeded: AtomicBool,
}

/// Whether the call is wanted at all: its `when`.
#[must_use]
pub fn wanted(session: &Session, plan: &EnrichPlan, extra: Extra<'_>) -> bool {
    plan.needed
        && plan.when.as_ref().is_none_or(|when| {
            when.render(Position::Plain, &|name| extra(name).or_else(|| session.value(name)))
                .is_ok_and(|text| text == "true")
        })
}

/// Runs one kind of second call for the records of a page.
///
/// # Errors
/// The fault of a call that is required.
pub async fn run(
    session: &Session,
    plan: &EnrichPlan,
    state: &EnrichState,
    subjects: &[Subject],
    extra: Extra<'_>,
    completeness: &mut Completeness,
) -> Result<Answers, Fault> {
    if state.given_up.load(Ordering::Relaxed) {
        let what = format!("enrichment `{}`", plan.name);
        for _ in subjects {
            completeness.miss(&what, "permission", "", false, true);
        }
        return Ok(vec![Second::Unread; subjects.len()]);
    }
    if let Some(batch) = &plan.source.batch {
        return batched(session, plan, batch, subjects, extra, completeness).await;
    }
    let mut calls: Vec<Call<'_>> = Vec::with_capacity(subjects.len());
    for subject in subjects {
        calls.push(Box::pin(single(session, plan, state, subject, extra)));
    }
    let outcomes: Vec<Result<Second, Fault>> = stream::iter(calls).buffered(session.concurrency()).collect().await;
    let mut answers = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        answers.push(settle(plan, outcome, completeness)?);
    }
    Ok(answers)
}

fn settle(plan: &EnrichPlan, outcome: Result<Second, Fault>, completeness: &mut Completeness) -> Result<Second, Fault> {
    match outcome {
        Ok(answer) => Ok(answer),
        Err(fault) if plan.source.required => Err(fault),
        Err(fault) => {
            completeness.miss(
                &format!("enrichment `{}`", plan.name),
                kind_name(fault.kind),
                &fault.message,
                false,
                true,
            );
            Ok(Second::Unread)
        }
    }
}

async fn single(
    session: &Session,
    plan: &EnrichPlan,
    state: &EnrichState,
    subject: &Subject,
    extra: Extra<'_>,
) -> Result<Second, Fault> {
    if state.given_up.load(Ordering::Relaxed) {
        return Err(Fault::new(FaultKind::Permission, ""));
    }
    let with_record = |name: &str| match name {
        "id" => Some(subject.id.clone()),
        _ => name
            .strip_prefix("record.")
            .map_or_else(|| extra(name), |path| errors::at(&subject.record, &format!(".{path}")).and_then(scalar_text)),
    };
    let what = format!("reading `{}` of one record", plan.name);
    let outcome = if plan.source.many {
        walk::collect(session, &plan.walk, &what, &with_record, session.limits().lookup_keys_max)
            .await
            .map(|items| Some(Value::Array(items)))
    } else {
        one(session, plan, &what, &with_record).await
    };
    match &outcome {
        Ok(_) => state.succeeded.store(true, Ordering::Relaxed),
        Err(fault)
            if matches!(fault.kind, FaultKind::Permission | FaultKind::Credential)
                && !plan.source.required
                && !state.succeeded.load(Ordering::Relaxed) =>
        {
            if state.refused.fetch_add(1, Ordering::Relaxed) + 1 >= GIVE_UP_AFTER {
                state.given_up.store(true, Ordering::Relaxed);
            }
        }
        Err(_) => {}
    }
    Ok(Second::of(outcome?))
}

async fn one(session: &Session, plan: &EnrichPlan, what: &str, extra: Extra<'_>) -> Result<Option<Value>, Fault> {
    let mut run = WalkRun::new(&plan.walk, 1);
    let fetched = run.fetch(session, &plan.walk, what, extra, &|_| {}).await?;
    let document = walk::document(session, &plan.walk, &fetched)?;
    let path = plan.source.items.as_deref().unwrap_or(".");
    Ok(errors::at(&document, path).filter(|value| !value.is_null()).cloned())
}

async fn batched(
    session: &Session,
    plan: &EnrichPlan,
    batch: &rollcall_connector::definition::Batch,
    subjects: &[Subject],
    extra: Extra<'_>,
    completeness: &mut Completeness,
) -> Result<Answers, Fault> {
    let mut answers = vec![Second::Nothing; subjects.len()];
    let size = (batch.size as usize).max(1);
    for (chunk_index, chunk) in subjects.chunks(size).enumerate() {
        let ids = chunk.iter().map(|subject| subject.id.as_str()).collect::<Vec<_>>().join(",");
        let what = format!("reading `{}` of {} records", plan.name, chunk.len());
        let mut run = WalkRun::new(&plan.walk, session.limits().pages_max);
        let mut found: HashMap<String, Vec<Value>> = HashMap::new();
        let outcome: Result<(), Fault> = async {
            while run.ended().is_none() {
                let decorate = |request: &mut rollcall_connector::request::Request| {
                    request.query.push((batch.param.clone(), ids.clone()))
                };
                let fetched = run.fetch(session, &plan.walk, &what, extra, &decorate).await?;
                let document = walk::document(session, &plan.walk, &fetched)?;
                let picked = document.clone();
                let items = values::items(document, &plan.walk.items).unwrap_or_default();
                let outcome = crate::paging::Outcome {
                    headers: &fetched.answer.headers,
                    value: &|path| errors::at(&picked, path).cloned(),
                    received: items.len() as u64,
                    last: None,
                    fingerprint: None,
                };
                run.advance(&outcome, &fetched.doing)?;
                for item in items {
                    if let Some(key) = errors::at(&item, &batch.key).and_then(scalar_text) {
                        found.entry(key).or_default().push(item);
                    }
                }
            }
            Ok(())
        }
        .await;
        if let Err(fault) = outcome {
            for index in 0..chunk.len() {
                let unread = settle(plan, Err(fault.clone()), completeness)?;
                if let Some(slot) = answers.get_mut(chunk_index * size + index) {
                    *slot = unread;
                }
            }
            continue;
        }
        for (index, subject) in chunk.iter().enumerate() {
            let slot = answers.get_mut(chunk_index * size + index);
            let items = found.remove(&subject.id);
            let value = match (plan.source.many, items) {
                (true, items) => Some(Value::Array(items.unwrap_or_default())),
                (false, Some(items)) => items.into_iter().next(),
                (false, None) => None,
            };
            if let Some(slot) = slot {
                *slot = Second::of(value);
            }
        }
    }
    Ok(answers)
}
