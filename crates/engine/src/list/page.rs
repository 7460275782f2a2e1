//! One page: fetched, then each of its records mapped and settled.

use std::sync::Arc;

use rollcall_connector::definition::Items;
use rollcall_connector::plan::{Plan, Walk};
use rollcall_connector::request::Request;
use rollcall_mapping::{Inputs, ScanError};
use serde_json::Value;

use super::check::refuse_unread;
use super::settle::{PageOutcome, Settling, settle};
use super::trail::Trail;
use super::values::Values;
use super::{Batch, Current, LastPage, Listing};
use crate::fault::{Fault, FaultKind, kind_name};
use crate::paging::{Outcome, Paging, PagingPlace};
use crate::tables::TableSet;
use crate::walk::{self, Fetched};

impl Listing {
    /// Fetches and maps one page of the walk under way.
    pub(super) async fn page(&mut self) -> Result<Batch, Fault> {
        let Some(mut current) = self.current.take() else { return Ok(Batch::default()) };
        let plan = Arc::clone(&self.plan);
        let Some(walk) = plan.walks.get(current.walk) else { return Ok(Batch::default()) };
        let what = match &current.parent {
            Some(parent) => format!("reading `{}` of `{}`", plan.resource, parent.label()),
            None => format!("reading `{}`", plan.resource),
        };
        let before = self.trail.as_ref().map(|trail| (current.run.place(), trail.clone()));
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
            pages.push(self.session.cleaned(fetched.answer.clone()));
        }
        let mut batch = Batch::default();
        let outcome = match self.read_lookups().await {
            Ok(()) => self.read_page(&plan, walk, &mut current, &fetched, &mut batch).await,
            Err(fault) => Err(fault),
        };
        let of = (current.walk, current.parent.as_ref().map(|parent| parent.id()));
        self.completeness.pages += 1;
        current.record.pages = current.run.pages();
        if let Err(fault) = outcome {
            self.completeness.passes.push(current.record);
            return Err(fault);
        }
        match current.run.ended() {
            Some(stop) => {
                self.compare_with_total(&current);
                current.record.stop = stop.to_owned();
                self.completeness.passes.push(current.record);
            }
            None => {
                current.skip = 0;
                self.current = Some(current);
            }
        }
        self.leave_trail(before, of)?;
        Ok(batch)
    }

    /// Remembers the page that was just read, so that `place` can tell where each of its records stands.
    fn leave_trail(
        &mut self,
        before: Option<((PagingPlace, Option<String>), Trail)>,
        (walk, parent): (usize, Option<String>),
    ) -> Result<(), Fault> {
        let (Some(((paging, from), trail)), Some(own)) = (before, self.trail.as_mut()) else { return Ok(()) };
        let (digests, origins) = std::mem::take(&mut self.read);
        own.extend(&digests);
        if !own.end_page(&digests) {
            return Err(Fault::new(
                FaultKind::UnexpectedShape,
                format!("{}: the provider gave the same page twice", self.completeness.connector),
            )
            .hint("the provider may ignore the paging parameters; nothing of this list can be trusted to be whole"));
        }
        self.last = Some(LastPage { walk, parent, paging, from, trail, digests, origins });
        Ok(())
    }

    /// At the end of a walk: a provider that counts more records than it gave different ones has kept some back, usually since pages
    /// overlapped.
    fn compare_with_total(&mut self, current: &Current) {
        let Some(total) = current.run.total() else { return };
        // What an earlier call read of the walk is not counted here.
        let whole = current.run.received() == current.record.received;
        let different = current.record.received - current.again;
        // Where pages may be thinned after counting, fewer are to be expected.
        if !whole || different >= total || (current.run.thinned() && current.again == 0) {
            return;
        }
        let of = current.record.parent.as_ref().map(|parent| format!(" of `{parent}`")).unwrap_or_default();
        let message = format!(
            "the provider counts {total}, but gave {different} different ones ({} came again): people may be missing",
            current.again
        );
        self.completeness.miss(
            &format!("records of `{}`{of}", current.record.endpoint),
            kind_name(FaultKind::UnexpectedShape),
            &message,
            true,
            false,
        );
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
        tables.read_page(&plan.tables, &json, &mut self.completeness);
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
                    own: current.own.as_mut(),
                    held: self.held.as_mut(),
                    completeness: &mut self.completeness,
                    request: &self.request,
                    outcome: &mut outcome,
                    doing: &fetched.doing,
                    trail: self.trail.as_ref(),
                    skip: current.skip,
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
        current.again += outcome.again;
        let reading = Outcome {
            headers: &fetched.answer.headers,
            value: &|path| values.iter().find(|(known, _)| known == path).and_then(|(_, value)| value.clone()),
            received: outcome.received,
            last,
            fingerprint: (outcome.received > 0).then_some(outcome.ids),
        };
        current.run.advance(&reading, &fetched.doing)?;
        self.read = (outcome.digests, outcome.origins);
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

    /// The fault of a page that cannot be read as the connector says.
    fn unreadable(&self, fault: &ScanError, fetched: &Fetched, items: &Items) -> Fault {
        match fault.fault {
            rollcall_mapping::Fault::NotAnArray
            | rollcall_mapping::Fault::NotAnObject
            | rollcall_mapping::Fault::Twice => walk::no_items(&fetched.doing, items),
            _ => self.session.not_json(&fetched.answer, &fetched.doing),
        }
    }
}

fn set_context<'a>(contexts: &mut [Option<&'a [u8]>], index: usize, value: Option<&'a [u8]>) {
    if let Some(slot) = contexts.get_mut(index) {
        *slot = value;
    }
}
