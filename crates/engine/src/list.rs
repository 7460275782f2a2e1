//! A list call: plan, fetch, split, map, sift. Records leave in batches as they come, each a line of JSON.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use rollcall_connector::definition::{EmptyMeans, Items};
use rollcall_connector::plan::{Options, Plan, Walk};
use rollcall_connector::request::Request;
use rollcall_connector::template::Position;
use rollcall_connector::{Connector, MethodName};
use rollcall_mapping::page::{self, PagePlan};
use rollcall_mapping::{Inputs, ScanError, Scratch, Start};
use rollcall_model::Resource;
use serde_json::{Map, Value};

use crate::completeness::{Completeness, PassRecord};
use crate::enrich::{self, EnrichState, Subject};
use crate::fault::{Fault, FaultKind, kind_name};
use crate::held::Held;
use crate::paging::{Outcome, Paging};
use crate::parents::{self, Parent};
use crate::pushdown::{self, Pushdown};
use crate::query::{self, ListRequest};
use crate::session::{Extra, Session, rfc3339};
use crate::sift::dedupe::{Insertion, Seen};
use crate::sift::filter;
use crate::tables::TableSet;
use crate::walk::{self, Fetched, WalkRun};

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

    fn push(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.close();
    }

    fn close(&mut self) {
        self.bytes.push(b'\n');
        self.ends.push(self.bytes.len());
    }
}

/// A listing under way.
pub struct Listing {
    session: Arc<Session>,
    plan: Arc<Plan>,
    request: ListRequest,
    pushdown: Pushdown,
    /// Read after the first page: a refused credential shows itself there, as what it is.
    tables: Option<TableSet>,
    enrich_states: Vec<EnrichState>,
    active_enrich: Vec<bool>,
    runtimes: Vec<Runtime>,
    /// What is still to walk: parent and walk, the next one last.
    queue: Vec<(Option<Arc<Parent>>, usize)>,
    current: Option<Current>,
    seen: Seen,
    held: Option<Held>,
    scratch: Scratch,
    completeness: Completeness,
    finished: bool,
    pages: Option<Vec<Bytes>>,
}

/// What a walk needs beside its plan.
struct Runtime {
    page: PagePlan,
    paths: Vec<String>,
}

struct Current {
    parent: Option<Arc<Parent>>,
    parent_bytes: Option<Vec<u8>>,
    walk: usize,
    run: WalkRun,
    record: PassRecord,
}

impl Listing {
    /// Checks the request, reads what the mapping needs beforehand (parents, lookups), and stands before the first page.
    ///
    /// # Errors
    /// A request that cannot be met, or the provider's fault.
    pub async fn start(session: Arc<Session>, request: ListRequest) -> Result<Self, Fault> {
        Self::start_with(session, request, &|_| None).await
    }

    async fn start_with(session: Arc<Session>, request: ListRequest, extra: Extra<'_>) -> Result<Self, Fault> {
        let connector = Arc::clone(session.connector());
        let resource = query::resource(&connector, &request.resource, MethodName::List)?;
        query::exclude(resource, &request.exclude)?;
        let plan = compile(&connector, &request, MethodName::List)?;
        check_parameters(&connector, resource, &plan, &request)?;
        check_filters(&connector, &plan, &request)?;
        let single = plan.each.is_none() && plan.walks.len() == 1;
        let pushdown = Pushdown::new(resource, &plan.source, &request.filters, request.sort.as_ref(), single);
        let completeness = Completeness {
            connector: connector.id().to_owned(),
            resource: request.resource.clone(),
            started_at: rfc3339(session.now()),
            filters: pushdown.filters.clone(),
            sort: request.sort.as_ref().map(|_| if pushdown.sorted { "provider" } else { "local" }.to_owned()),
            ..Completeness::default()
        };
        session.prepare().await?;
        let values = Values { request: &request, plan: &plan, id: None, outer: extra };
        let lookup = |name: &str| values.value(name);
        let parents = match &plan.each {
            Some(each) => {
                parents::list(&session, each, &lookup).await?.into_iter().map(|p| Some(Arc::new(p))).collect()
            }
            None => vec![None],
        };
        let active: Vec<usize> = (0..plan.walks.len())
            .filter(|index| plan.walks.get(*index).is_some_and(|walk| runs(&session, walk, &request, &lookup)))
            .collect();
        let mut queue: Vec<(Option<Arc<Parent>>, usize)> = Vec::new();
        for parent in parents {
            queue.extend(active.iter().map(|walk| (parent.clone(), *walk)));
        }
        queue.reverse();
        let runtimes = plan.walks.iter().map(runtime).collect::<Result<Vec<_>, _>>()?;
        let unites = plan.each.as_ref().map(|each| each.source.unite.clone()).unwrap_or_default();
        let local_sort = request.sort.clone().filter(|_| !pushdown.sorted);
        let held = (!unites.is_empty() || local_sort.is_some())
            .then(|| Held::new(unites, local_sort, session.limits().held_records_max, session.limits().held_bytes_max));
        let active_enrich = plan.enrich.iter().map(|e| enrich::wanted(&session, e, &lookup)).collect();
        Ok(Self {
            enrich_states: plan.enrich.iter().map(|_| EnrichState::default()).collect(),
            active_enrich,
            runtimes,
            queue,
            current: None,
            seen: Seen::default(),
            held,
            scratch: Scratch::new(),
            completeness,
            finished: false,
            pages: None,
            session,
            plan: Arc::new(plan),
            request,
            pushdown,
            tables: None,
        })
    }

    /// The next records, or nothing when the list is at its end. A fault means that what came before is not the whole list.
    ///
    /// # Errors
    /// The provider's fault.
    pub async fn next(&mut self) -> Result<Option<Batch>, Fault> {
        let outcome = self.step().await;
        if let Err(fault) = &outcome {
            self.finish(Some(fault));
        }
        outcome
    }

    async fn step(&mut self) -> Result<Option<Batch>, Fault> {
        if self.finished {
            return Ok(None);
        }
        loop {
            if self.limit_left() == Some(0) {
                self.completeness.limited = true;
                self.finish(None);
                return Ok(None);
            }
            if !self.open_walk() {
                let rest = match self.held.take() {
                    Some(held) => self.release(held),
                    None => Batch::default(),
                };
                if let Some(fault) = self.refused_by_emptiness() {
                    return Err(fault);
                }
                self.finish(None);
                return Ok((!rest.ends.is_empty()).then_some(rest));
            }
            let batch = self.page().await?;
            if !batch.ends.is_empty() {
                return Ok(Some(batch));
            }
        }
    }

    /// What the listing did so far; `complete` is settled at the end.
    #[must_use]
    pub fn completeness(&self) -> &Completeness {
        &self.completeness
    }

    /// The session, for its trace.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    fn limit_left(&self) -> Option<u64> {
        self.request.limit.map(|limit| limit.saturating_sub(self.completeness.returned))
    }

    /// Makes sure that a walk is under way; false when there is none left.
    fn open_walk(&mut self) -> bool {
        if self.current.is_some() {
            return true;
        }
        let Some((parent, index)) = self.queue.pop() else { return false };
        let Some(walk) = self.plan.walks.get(index) else { return false };
        let endpoint = format!(
            "{} {}",
            walk.request.verb.as_str(),
            target_of(self.session.connector(), &self.request.resource, walk)
        );
        let record = PassRecord {
            name: walk.name.clone(),
            endpoint,
            parent: parent.as_ref().map(|p| p.label()),
            ..PassRecord::default()
        };
        let parent_bytes = parent.as_ref().map(|p| p.bytes());
        self.current = Some(Current {
            parent,
            parent_bytes,
            walk: index,
            run: WalkRun::new(walk, self.session.limits().pages_max),
            record,
        });
        true
    }

    /// Fetches and maps one page of the walk under way.
    async fn page(&mut self) -> Result<Batch, Fault> {
        let Some(mut current) = self.current.take() else { return Ok(Batch::default()) };
        let plan = Arc::clone(&self.plan);
        let Some(walk) = plan.walks.get(current.walk) else { return Ok(Batch::default()) };
        let what = match &current.parent {
            Some(parent) => format!("reading `{}` of `{}`", plan.resource, parent.label()),
            None => format!("reading `{}`", plan.resource),
        };
        let fetched = {
            let values = Values { request: &self.request, plan: &plan, id: None, outer: &|_| None };
            let parent = current.parent.clone();
            let extra = move |name: &str| parent.as_ref().and_then(|p| p.value(name)).or_else(|| values.value(name));
            let decorate = |request: &mut Request| {
                self.pushdown.decorate(request);
                for (name, value) in &self.request.remote_query {
                    request.query.retain(|(known, _)| known != name);
                    request.query.push((name.clone(), value.clone()));
                }
            };
            current.run.fetch(&self.session, walk, &what, &extra, &decorate).await
        };
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(fault)
                if walk.optional
                    && current.run.pages() == 0
                    && matches!(fault.kind, FaultKind::Permission | FaultKind::Gone) =>
            {
                current.record.stop = format!("not read: {}", kind_name(fault.kind));
                self.completeness.miss(
                    &format!("pass `{}`", walk.name),
                    kind_name(fault.kind),
                    &fault.message,
                    true,
                    false,
                );
                self.completeness.passes.push(current.record);
                return Ok(Batch::default());
            }
            Err(fault) => {
                current.record.pages = current.run.pages();
                self.completeness.passes.push(current.record);
                return Err(fault);
            }
        };
        if let Some(pages) = &mut self.pages {
            pages.push(fetched.answer.body.clone());
        }
        let mut batch = Batch::default();
        let outcome = match self.read_lookups().await {
            Ok(()) => self.read_page(&plan, walk, &mut current, &fetched, &mut batch).await,
            Err(fault) => Err(fault),
        };
        self.completeness.pages += 1;
        current.record.pages = current.run.pages();
        if let Err(fault) = outcome {
            self.completeness.passes.push(current.record);
            return Err(fault);
        }
        match current.run.ended() {
            Some(stop) => {
                current.record.stop = stop.to_owned();
                self.completeness.passes.push(current.record);
            }
            None => self.current = Some(current),
        }
        Ok(batch)
    }

    /// Reads the lookups, once.
    async fn read_lookups(&mut self) -> Result<(), Fault> {
        if self.tables.is_some() {
            return Ok(());
        }
        let plan = Arc::clone(&self.plan);
        let values = Values { request: &self.request, plan: &plan, id: None, outer: &|_| None };
        let tables = TableSet::fetch(
            &self.session,
            &plan.lookups,
            plan.tables.len(),
            &|name: &str| values.value(name),
            &mut self.completeness,
        )
        .await?;
        let unread = tables.unread(&plan.lookups);
        self.tables = Some(tables);
        refuse_unread(&self.completeness.connector, &plan, &self.request, &unread)
    }

    async fn read_page(
        &mut self,
        plan: &Plan,
        walk: &Walk,
        current: &mut Current,
        fetched: &Fetched,
        batch: &mut Batch,
    ) -> Result<(), Fault> {
        let json = walk::as_json(&self.session, walk, fetched)?;
        let mut tables = self.tables.take().unwrap_or_default();
        tables.read_page(&plan.tables, &json);
        let outcome = self.map_page(plan, walk, current, fetched, &json, &tables, batch).await;
        self.tables = Some(tables);
        outcome
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one page")]
    async fn map_page(
        &mut self,
        plan: &Plan,
        walk: &Walk,
        current: &mut Current,
        fetched: &Fetched,
        json: &[u8],
        tables: &TableSet,
        batch: &mut Batch,
    ) -> Result<(), Fault> {
        let slow = self.active_enrich.iter().any(|active| *active);
        let pass_bytes = walk.set.as_ref().map(|set| set.to_string().into_bytes());
        let mut outcome = PageOutcome::default();
        let Some(runtime) = self.runtimes.get(current.walk) else { return Ok(()) };
        let runtime_paths = runtime.paths.clone();
        let record_path = Paging::record_path(&walk.page);
        let mut slices: Vec<&[u8]> = Vec::new();
        let mut keys: Vec<Option<Vec<u8>>> = Vec::new();
        let page_plan = runtime.page.clone();
        // Unified records with their raw copies are about half as long again as what they came from.
        batch.bytes.reserve(if self.request.remote_data { json.len() + json.len() / 2 } else { json.len() / 2 });
        let mut reader = page_plan.read(json);
        let mut contexts: Vec<Option<&[u8]>> = vec![None; plan.contexts.len()];
        set_context(&mut contexts, 1, pass_bytes.as_deref());
        if plan.each.is_some() {
            set_context(&mut contexts, 2, current.parent_bytes.as_deref());
        }
        loop {
            if slow {
                match reader.next_slice() {
                    Ok(Some(slice)) => slices.push(slice),
                    Ok(None) => break,
                    Err(fault) => return Err(self.unreadable(&fault, fetched, &walk.items)),
                }
                keys.push(reader.key().map(<[u8]>::to_vec));
                outcome.received += 1;
                continue;
            }
            let start = match reader.next() {
                Ok(Some(start)) => start,
                Ok(None) => break,
                Err(fault) => return Err(self.unreadable(&fault, fetched, &walk.items)),
            };
            set_context(&mut contexts, 0, reader.key());
            let inputs = Inputs { contexts: &contexts, tables };
            let before = batch.bytes.len();
            let mapped = plan.mapping.map(json, start, &inputs, &mut self.scratch, &mut batch.bytes);
            let mapped = mapped.map_err(|fault| self.unreadable(&fault, fetched, &walk.items))?;
            reader.resume(mapped.end);
            outcome.received += 1;
            outcome.slice = Some((mapped.start, mapped.end));
            settle(
                &mut Settling {
                    seen: &mut self.seen,
                    held: self.held.as_mut(),
                    completeness: &mut self.completeness,
                    request: &self.request,
                    outcome: &mut outcome,
                    doing: &fetched.doing,
                },
                self.scratch.id(),
                before,
                batch,
            )?;
        }
        if reader.missing() > 0 && !walk.items_optional {
            return Err(walk::no_items(&fetched.doing, &walk.items));
        }
        // Rows were made into objects: what says how to go on stands in the answer as it came.
        let original: Option<Value> = matches!(walk.items, Items::Rows(_))
            .then(|| serde_json::from_slice(&fetched.answer.body).unwrap_or_default());
        let values: Vec<(String, Option<Value>)> = match &original {
            Some(original) => {
                runtime_paths.iter().map(|path| (path.clone(), crate::errors::at(original, path).cloned())).collect()
            }
            None => runtime_paths
                .iter()
                .enumerate()
                .map(|(index, path)| {
                    (path.clone(), reader.picked(index).and_then(|raw| serde_json::from_slice(raw.json()).ok()))
                })
                .collect(),
        };
        if slow {
            self.enriched(plan, current, &slices, &keys, pass_bytes.as_deref(), fetched, tables, &mut outcome, batch)
                .await?;
        }
        let last_slice =
            if slow { slices.last().copied() } else { outcome.slice.and_then(|(start, end)| json.get(start..end)) };
        let last = record_path.and_then(|path| {
            let record: Value = serde_json::from_slice(last_slice?).ok()?;
            crate::errors::at(&record, path).cloned()
        });
        self.completeness.received += outcome.received;
        current.record.received += outcome.received;
        let reading = Outcome {
            headers: &fetched.answer.headers,
            value: &|path| values.iter().find(|(known, _)| known == path).and_then(|(_, value)| value.clone()),
            received: outcome.received,
            last,
            fingerprint: (outcome.received > 0).then_some(outcome.ids),
        };
        current.run.advance(&reading, &fetched.doing)?;
        if let Some(cap) = plan.source.cap
            && current.record.received >= cap
        {
            self.completeness.miss(
                &format!("records past {cap}"),
                "limit_reached",
                "the provider's documented ceiling was reached; more people may exist",
                true,
                false,
            );
            current.run.stop("the provider's ceiling");
        }
        Ok(())
    }

    /// Maps the records of a page after their second calls.
    #[expect(clippy::too_many_arguments, reason = "the parts of one page")]
    async fn enriched(
        &mut self,
        plan: &Plan,
        current: &Current,
        slices: &[&[u8]],
        keys: &[Option<Vec<u8>>],
        pass: Option<&[u8]>,
        fetched: &Fetched,
        tables: &TableSet,
        outcome: &mut PageOutcome,
        batch: &mut Batch,
    ) -> Result<(), Fault> {
        let contexts_for = |key: Option<&Vec<u8>>, extra: &[Option<&[u8]>]| -> Vec<Option<Vec<u8>>> {
            let mut contexts: Vec<Option<Vec<u8>>> = vec![key.cloned(), pass.map(<[u8]>::to_vec)];
            if plan.each.is_some() {
                contexts.push(current.parent_bytes.clone());
            }
            contexts.extend(extra.iter().map(|bytes| bytes.map(<[u8]>::to_vec)));
            contexts
        };
        // The unified id decides which second calls belong to a record, so it is mapped once without them.
        let nothing: Vec<Option<&[u8]>> = vec![None; plan.enrich.len()];
        let mut subjects = Vec::with_capacity(slices.len());
        let mut discarded = Vec::new();
        for (slice, key) in slices.iter().zip(keys) {
            let contexts = contexts_for(key.as_ref(), &nothing);
            let borrowed: Vec<Option<&[u8]>> = contexts.iter().map(Option::as_deref).collect();
            let inputs = Inputs { contexts: &borrowed, tables };
            discarded.clear();
            let mut scratch = Scratch::new();
            plan.mapping
                .map(slice, Start::default(), &inputs, &mut scratch, &mut discarded)
                .map_err(|_| self.session.not_json(&fetched.answer, &fetched.doing))?;
            let record = serde_json::from_slice(slice).unwrap_or_default();
            subjects.push(Subject { id: scratch.id().unwrap_or_default().to_owned(), record });
        }
        let values = Values { request: &self.request, plan, id: None, outer: &|_| None };
        let parent = current.parent.clone();
        let extra = move |name: &str| parent.as_ref().and_then(|p| p.value(name)).or_else(|| values.value(name));
        let mut answers = Vec::new();
        for (index, enrich_plan) in plan.enrich.iter().enumerate() {
            let state = self.enrich_states.get(index);
            match (state, self.active_enrich.get(index)) {
                (Some(state), Some(true)) => answers.push(
                    enrich::run(&self.session, enrich_plan, state, &subjects, &extra, &mut self.completeness).await?,
                ),
                _ => answers.push(vec![None; subjects.len()]),
            }
        }
        for (index, slice) in slices.iter().enumerate() {
            let own: Vec<Option<&[u8]>> =
                answers.iter().map(|answers| answers.get(index).and_then(Option::as_deref)).collect();
            let contexts = contexts_for(keys.get(index).and_then(Option::as_ref), &own);
            let borrowed: Vec<Option<&[u8]>> = contexts.iter().map(Option::as_deref).collect();
            let inputs = Inputs { contexts: &borrowed, tables };
            let before = batch.bytes.len();
            plan.mapping
                .map(slice, Start::default(), &inputs, &mut self.scratch, &mut batch.bytes)
                .map_err(|_| self.session.not_json(&fetched.answer, &fetched.doing))?;
            let id = self.scratch.id().map(str::to_owned);
            settle(
                &mut Settling {
                    seen: &mut self.seen,
                    held: self.held.as_mut(),
                    completeness: &mut self.completeness,
                    request: &self.request,
                    outcome,
                    doing: &fetched.doing,
                },
                id.as_deref(),
                before,
                batch,
            )?;
        }
        Ok(())
    }

    /// The fault of a page that cannot be read as the connector says.
    fn unreadable(&self, fault: &ScanError, fetched: &Fetched, items: &Items) -> Fault {
        match fault.fault {
            rollcall_mapping::Fault::NotAnArray
            | rollcall_mapping::Fault::NotAnObject
            | rollcall_mapping::Fault::Twice => walk::no_items(&fetched.doing, items),
            _ => self.session.not_json(&fetched.answer, &fetched.doing),
        }
    }

    /// Keeps the provider's pages from now on: `take_pages`.
    pub fn keep_pages(&mut self) {
        self.pages = Some(Vec::new());
    }

    /// The provider's pages since the last time, as they came.
    pub fn take_pages(&mut self) -> Vec<Bytes> {
        self.pages.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Gives what was held back: united, filtered, sorted, up to the limit.
    fn release(&mut self, held: Held) -> Batch {
        let mut batch = Batch::default();
        for record in held.into_records(&self.request.filters, &mut self.completeness.filtered) {
            if self.limit_left() == Some(0) {
                self.completeness.limited = true;
                break;
            }
            batch.push(&record);
            self.completeness.returned += 1;
        }
        batch
    }

    /// Some providers answer an empty list where the credential may not read it; with a filter of theirs it may be right.
    fn refused_by_emptiness(&self) -> Option<Fault> {
        let means_refusal = self.plan.source.empty == EmptyMeans::Permission;
        let pushed = self.pushdown.filters.values().any(|place| place == "provider");
        let walked = !self.completeness.passes.is_empty();
        (means_refusal && walked && !pushed && self.completeness.received == 0).then(|| {
            Fault::new(
                FaultKind::Permission,
                format!(
                    "{} gave an empty list of `{}`, as it does when the credential may not read them",
                    self.completeness.connector, self.completeness.resource
                ),
            )
            .hint(format!(
                "the credential needs {}",
                if self.plan.source.permissions.is_empty() {
                    "more permissions".to_owned()
                } else {
                    self.plan.source.permissions.join(", ")
                }
            ))
        })
    }

    fn finish(&mut self, fault: Option<&Fault>) {
        if self.finished {
            return;
        }
        self.finished = true;
        let (requests, retries) = self.session.counts();
        self.completeness.requests = requests;
        self.completeness.retries = retries;
        self.completeness.ended_at = rfc3339(self.session.now());
        let report = self.scratch.take_report();
        self.completeness.take_report(&report);
        self.completeness.complete = fault.is_none() && !self.completeness.people_missing();
        if let Some(fault) = fault {
            self.completeness.notes.push(fault.message.clone());
        }
    }
}

/// What is counted while a page is read.
#[derive(Default)]
struct PageOutcome {
    received: u64,
    /// Of the ids in their order.
    ids: u64,
    slice: Option<(usize, usize)>,
}

struct Settling<'a> {
    seen: &'a mut Seen,
    held: Option<&'a mut Held>,
    completeness: &'a mut Completeness,
    request: &'a ListRequest,
    outcome: &'a mut PageOutcome,
    doing: &'a crate::errors::Doing,
}

/// Decides about the record that was just appended to the batch: it stays, is held back, or goes.
fn settle(s: &mut Settling<'_>, id: Option<&str>, before: usize, batch: &mut Batch) -> Result<(), Fault> {
    let Some(id) = id else {
        return Err(Fault::new(
            FaultKind::UnexpectedShape,
            format!("{}: a record without an id while {}", s.doing.connector, s.doing.what),
        )
        .hint("the provider may have changed its API; the list cannot be trusted"));
    };
    let Insertion { fresh, hash } = s.seen.insert(id.as_bytes());
    s.outcome.ids = (s.outcome.ids ^ hash).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    if let Some(held) = &mut s.held {
        let record = batch.bytes.split_off(before);
        return match held.add(id, record, fresh) {
            Ok(crate::held::Added::New) => Ok(()),
            Ok(crate::held::Added::United) => {
                s.completeness.united += 1;
                Ok(())
            }
            Ok(crate::held::Added::Repeated) => {
                s.completeness.repeated += 1;
                Ok(())
            }
            Err(fault) => Err(fault),
        };
    }
    if !fresh {
        s.completeness.repeated += 1;
        batch.bytes.truncate(before);
        return Ok(());
    }
    if !s.request.filters.is_empty() {
        let keeps = batch.bytes.get(before..).is_some_and(|bytes| filter::keeps(&s.request.filters, bytes));
        if !keeps {
            s.completeness.filtered += 1;
            batch.bytes.truncate(before);
            return Ok(());
        }
    }
    if s.request.limit.is_some_and(|limit| s.completeness.returned >= limit) {
        batch.bytes.truncate(before);
        s.completeness.limited = true;
        return Ok(());
    }
    s.completeness.returned += 1;
    batch.close();
    Ok(())
}

/// Values of the call for templates.
struct Values<'a> {
    request: &'a ListRequest,
    plan: &'a Plan,
    id: Option<&'a str>,
    outer: Extra<'a>,
}

impl Values<'_> {
    fn value(&self, name: &str) -> Option<String> {
        if name == "id" {
            return self.id.map(str::to_owned);
        }
        match name.strip_prefix("query.") {
            Some(parameter) => self.request.parameters.get(parameter).cloned().or_else(|| {
                self.plan.source.parameters.get(parameter)?.default.as_ref().map(rollcall_connector::request::text)
            }),
            None => (self.outer)(name),
        }
    }
}

fn set_context<'a>(contexts: &mut [Option<&'a [u8]>], index: usize, value: Option<&'a [u8]>) {
    if let Some(slot) = contexts.get_mut(index) {
        *slot = value;
    }
}

fn runtime(walk: &Walk) -> Result<Runtime, Fault> {
    let paths = Paging::paths(&walk.page);
    let items = match &walk.items {
        Items::Path(path) => page::Items::List(path.strip_suffix("[]").unwrap_or(path)),
        Items::ValuesOf(values) => page::Items::ValuesOf(&values.values_of),
        Items::Rows(_) => page::Items::List("."),
        Items::One(one) => page::Items::One(&one.one),
    };
    let picks: Vec<&str> = paths.iter().map(String::as_str).collect();
    let page = PagePlan::compile(items, &picks).map_err(|problems| {
        Fault::new(FaultKind::BadRequest, problems.into_iter().map(|p| p.message).collect::<Vec<_>>().join("; "))
    })?;
    Ok(Runtime { page, paths })
}

/// The path of a walk as written, for people.
fn target_of(connector: &Connector, resource: &str, walk: &Walk) -> String {
    let skeleton: String = walk.request.target.skeleton().into_iter().map(|part| part.unwrap_or("…")).collect();
    if skeleton.is_empty() { format!("{} {resource}", connector.id()) } else { skeleton }
}

fn runs(session: &Session, walk: &Walk, request: &ListRequest, extra: Extra<'_>) -> bool {
    let when = walk.when.as_ref().is_none_or(|when| {
        when.render(Position::Plain, &|name| extra(name).or_else(|| session.value(name)))
            .is_ok_and(|text| text == "true")
    });
    when && pushdown::walk_matters(walk, &request.filters)
}

/// Compiles the method that a request means.
///
/// # Errors
/// A choice that is missing or unknown; a connector with mistakes.
pub(crate) fn compile(connector: &Connector, request: &ListRequest, method: MethodName) -> Result<Plan, Fault> {
    let written = connector.method(&request.resource, method);
    let choice = match written.and_then(|m| m.choose.as_ref()) {
        Some(choose) => {
            let names: Vec<&str> = choose.of.keys().collect();
            let given = request.parameters.get(&choose.parameter).or(choose.default.as_ref());
            match given {
                Some(name) if choose.of.get(name).is_some() => Some(name.clone()),
                Some(name) => {
                    return Err(Fault::new(
                        FaultKind::BadRequest,
                        format!("`{name}` is not a value of `{}`", choose.parameter),
                    )
                    .hint(format!("there are {}", names.join(", "))));
                }
                None => {
                    return Err(Fault::new(
                        FaultKind::BadRequest,
                        format!("{} needs `{}`", connector.id(), choose.parameter),
                    )
                    .hint(format!(
                        "give one of {} with `--query {}=…`",
                        names.join(", "),
                        choose.parameter
                    )));
                }
            }
        }
        None => None,
    };
    let options = Options {
        exclude: request.exclude.clone(),
        remote_data: request.remote_data && !request.exclude.iter().any(|f| f == "remote_data"),
        choice,
    };
    Plan::compile(connector, &request.resource, method, &options).map_err(|mistakes| {
        let text = mistakes
            .iter()
            .map(|(pointer, message)| format!("{pointer}: {}", message.replace('\u{0}', "; ")))
            .collect::<Vec<_>>()
            .join("\n");
        Fault::new(FaultKind::BadRequest, format!("connector {} has mistakes: {text}", connector.id()))
            .hint("run `rollcall connector check`")
    })
}

/// Every parameter must be one that the method declares; needed ones must be there.
fn check_parameters(
    connector: &Connector,
    resource: &Resource,
    plan: &Plan,
    request: &ListRequest,
) -> Result<(), Fault> {
    let choose =
        connector.method(&request.resource, plan.method).and_then(|m| m.choose.as_ref()).map(|c| c.parameter.as_str());
    for (name, value) in &request.parameters {
        let Some(declared) = plan.source.parameters.get(name) else {
            if choose == Some(name.as_str()) {
                continue;
            }
            let known: Vec<&str> = plan.source.parameters.keys().chain(choose).collect();
            let fault = Fault::new(
                FaultKind::BadRequest,
                format!("{} `{}` takes no parameter `{name}`", connector.id(), resource.name),
            );
            return Err(match rollcall_connector::nearest(name, known.iter().copied()) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None if known.is_empty() => fault.hint(
                    "it takes none; use `--filter` for fields, `--remote-query` for the provider's own parameters",
                ),
                None => fault.hint(format!("it takes {}", known.join(", "))),
            });
        };
        if !declared.values.is_empty() && !declared.values.contains(value) {
            return Err(Fault::new(FaultKind::BadRequest, format!("`{value}` is not a value of `{name}`"))
                .hint(format!("there are {}", declared.values.join(", "))));
        }
    }
    let given = |name: &str| request.parameters.contains_key(name);
    let missing: Vec<&str> = plan
        .source
        .parameters
        .iter()
        .filter(|(name, declared)| {
            let needed = declared.required
                || (!declared.required_unless.is_empty() && !declared.required_unless.iter().any(|other| given(other)));
            needed && !given(name) && declared.default.is_none()
        })
        .map(|(name, _)| name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::BadRequest,
        format!(
            "{} needs {} to list `{}`",
            connector.id(),
            missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", "),
            resource.name
        ),
    )
    .hint(missing.iter().map(|m| format!("--query {m}=…")).collect::<Vec<_>>().join(" ")))
}

/// Every filter must be on a field that the connector gives, or one that the provider applies.
fn check_filters(connector: &Connector, plan: &Plan, request: &ListRequest) -> Result<(), Fault> {
    let claimed = plan.mapping.fields();
    for filter in &request.filters {
        let top = filter.path.split('.').next().unwrap_or_default();
        if !claimed.iter().any(|field| field == top) {
            return Err(Fault::new(
                FaultKind::BadRequest,
                format!("{} does not give `{top}`, so `{}` cannot be filtered on", connector.id(), filter.name),
            )
            .hint(format!("it can filter on {}", claimed.join(", "))));
        }
        if request.exclude.iter().any(|field| field == top) {
            return Err(Fault::new(FaultKind::BadRequest, format!("`{top}` is filtered on and left out at once"))
                .hint("drop one of the two"));
        }
    }
    if let Some(by) = &request.sort
        && !claimed.contains(&by.field)
    {
        return Err(Fault::new(
            FaultKind::BadRequest,
            format!("{} does not give `{}`, so it cannot be sorted by", connector.id(), by.field),
        )
        .hint(format!("it can be sorted by fields it gives: {}", claimed.join(", "))));
    }
    Ok(())
}

/// A filter or sort on a field that needs a lookup which could not be read cannot be met.
fn refuse_unread(connector: &str, plan: &Plan, request: &ListRequest, unread: &[String]) -> Result<(), Fault> {
    let rests = |field: &str| {
        let of_field = |origin: &&rollcall_mapping::Origin| origin.field.split('.').next() == Some(field);
        plan.mapping
            .sources()
            .iter()
            .filter(of_field)
            .any(|origin| origin.tables.iter().any(|table| unread.contains(table)))
    };
    let filters = request.filters.iter().map(|filter| filter.path.split('.').next().unwrap_or_default());
    match filters.chain(request.sort.as_ref().map(|by| by.field.as_str())).find(|field| rests(field)) {
        Some(field) => Err(Fault::new(
            FaultKind::Permission,
            format!("{connector}: `{field}` needs a lookup that could not be read, so nothing can be filtered or sorted by it"),
        )
        .hint("grant the credential what the lookup needs, or leave the filter out")),
        None => Ok(()),
    }
}

type All<'a> = Pin<Box<dyn Future<Output = Result<Vec<Map<String, Value>>, Fault>> + Send + 'a>>;

/// All records of another resource, as trees: parents of a fan-out.
///
/// # Errors
/// The provider's fault; a list that is not whole; more than `max`.
pub(crate) fn all<'a>(session: &'a Session, request: ListRequest, extra: Extra<'a>, max: usize) -> All<'a> {
    let _ = extra;
    Box::pin(async move {
        let Some(session) = session.shared() else {
            return Err(Fault::new(FaultKind::LimitReached, "the session is gone"));
        };
        let mut listing = Listing::start(session, request).await?;
        let mut records = Vec::new();
        while let Some(batch) = listing.next().await? {
            for record in batch.records() {
                if let Ok(Value::Object(members)) = serde_json::from_slice(record) {
                    records.push(members);
                }
            }
            if records.len() > max {
                return Err(Fault::new(
                    FaultKind::LimitReached,
                    format!("more than {max} `{}`", listing.request.resource),
                ));
            }
        }
        if !listing.completeness.complete {
            return Err(Fault::new(
                FaultKind::Permission,
                format!(
                    "the list of `{}` to walk is not whole: {}",
                    listing.request.resource,
                    listing.completeness.summary()
                ),
            ));
        }
        Ok(records)
    })
}
