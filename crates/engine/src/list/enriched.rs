//! Records that have second calls: mapped once for their ids, then again with what the calls gave.

use rollcall_connector::plan::Plan;
use rollcall_mapping::{Inputs, Scratch, Start};

use super::settle::{PageOutcome, Settling, settle};
use super::values::Values;
use super::{Batch, Current, Listing};
use crate::enrich::{self, Second, Subject};
use crate::fault::Fault;
use crate::tables::TableSet;
use crate::walk::Fetched;

impl Listing {
    /// Maps the records of a page after their second calls.
    #[expect(clippy::too_many_arguments, reason = "the parts of one page")]
    pub(super) async fn enriched(
        &mut self,
        plan: &Plan,
        current: &mut Current,
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
                _ => answers.push(vec![Second::Nothing; subjects.len()]),
            }
        }
        for (index, slice) in slices.iter().enumerate() {
            let own: Vec<Option<&[u8]>> =
                answers.iter().map(|answers| answers.get(index).and_then(Second::context)).collect();
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
                    own: current.own.as_mut(),
                    held: self.held.as_mut(),
                    completeness: &mut self.completeness,
                    request: &self.request,
                    outcome,
                    doing: &fetched.doing,
                    trail: self.trail.as_ref(),
                    skip: current.skip,
                },
                id.as_deref(),
                before,
                batch,
            )?;
        }
        Ok(())
    }
}
