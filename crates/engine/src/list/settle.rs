//! What becomes of a record that was mapped: it stays, is held back, or goes.

use super::Batch;
use super::trail::Trail;
use crate::completeness::Completeness;
use crate::fault::{Fault, FaultKind};
use crate::held::Held;
use crate::query::ListRequest;
use crate::sift::dedupe::{Insertion, Seen};
use crate::sift::filter;

/// What is counted while a page is read.
#[derive(Default)]
pub(super) struct PageOutcome {
    pub(super) received: u64,
    /// Of the ids in their order.
    pub(super) ids: u64,
    pub(super) slice: Option<(usize, usize)>,
    /// Digests of the ids in their order, when the place in the list matters.
    pub(super) digests: Vec<u64>,
    /// For each record that stays, how many of the page were read with it.
    pub(super) origins: Vec<usize>,
    /// Records that came again within the walk.
    pub(super) again: u64,
}

pub(super) struct Settling<'a> {
    pub(super) seen: &'a mut Seen,
    /// The ids of this walk alone, where others came before it and it matters.
    pub(super) own: Option<&'a mut Seen>,
    pub(super) held: Option<&'a mut Held>,
    pub(super) completeness: &'a mut Completeness,
    pub(super) request: &'a ListRequest,
    pub(super) outcome: &'a mut PageOutcome,
    pub(super) doing: &'a crate::errors::Doing,
    /// What earlier calls read, when the place in the list matters.
    pub(super) trail: Option<&'a Trail>,
    /// Records at the head of the page that an earlier call has read and that are no longer in the trail.
    pub(super) skip: usize,
}

/// Decides about the record that was just appended to the batch: it stays, is held back, or goes.
pub(super) fn settle(s: &mut Settling<'_>, id: Option<&str>, before: usize, batch: &mut Batch) -> Result<(), Fault> {
    let Some(id) = id else {
        return Err(Fault::new(
            FaultKind::UnexpectedShape,
            format!("{}: a record without an id while {}", s.doing.connector, s.doing.what),
        )
        .hint("the provider may have changed its API; the list cannot be trusted"));
    };
    let Insertion { fresh, hash } = s.seen.insert(id.as_bytes());
    s.outcome.ids = (s.outcome.ids ^ hash).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let again = s.own.as_mut().map_or(!fresh, |own| !own.insert(id.as_bytes()).fresh);
    s.outcome.again += u64::from(again);
    let mut known = !fresh;
    if let Some(trail) = s.trail {
        let digest = trail.digest(id);
        known |= s.outcome.digests.len() < s.skip || trail.holds(digest);
        s.outcome.digests.push(digest);
    }
    if let Some(held) = &mut s.held {
        let record = batch.bytes.split_off(before);
        // Where nothing more is joined to it, a record that no filter wants need not wait for the end.
        if fresh && !held.unites() && !filter::keeps(&s.request.filters, &record) {
            s.completeness.filtered += 1;
            return Ok(());
        }
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
    if known {
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
    s.outcome.origins.push(s.outcome.digests.len());
    Ok(())
}
