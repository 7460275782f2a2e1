//! A list call: plan, fetch, split, map, sift. Records leave in batches as they come, each a line of JSON.

mod all;
mod batch;
mod check;
mod enriched;
mod page;
mod place;
mod resume;
mod settle;
mod trail;
mod values;
mod walks;

use std::sync::Arc;

use rollcall_connector::MethodName;
use rollcall_connector::definition::EmptyMeans;
use rollcall_connector::plan::Plan;
use rollcall_mapping::Scratch;

pub(crate) use self::all::all;
pub use self::batch::Batch;
pub(crate) use self::check::compile;
use self::check::{check_filters, check_parameters};
pub(crate) use self::place::Head;
pub use self::place::Place;
use self::place::lost;
use self::resume::id_of;
pub(crate) use self::trail::Trail;
use self::values::Values;
pub(crate) use self::walks::runtime;
use self::walks::{Runtime, runs, target_of};
use crate::completeness::{Completeness, PassRecord};
use crate::enrich::{self, EnrichState};
use crate::fault::{Fault, FaultKind};
use crate::held::Held;
use crate::limits::Limits;
use crate::paging::Paging;
use crate::paging::PagingPlace;
use crate::parents::{self, Parent};
use crate::pushdown::Pushdown;
use crate::query::{self, ListRequest};
use crate::session::{Extra, Session, rfc3339};
use crate::sift::dedupe::Seen;
use crate::tables::TableSet;
use crate::transport::Answer;
use crate::walk::WalkRun;

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
    /// Whether records are held back until the end.
    holds: bool,
    scratch: Scratch,
    completeness: Completeness,
    finished: bool,
    pages: Option<Vec<Answer>>,
    /// Kept when the caller may want to go on elsewhere.
    trail: Option<Trail>,
    /// Digests and origins of the page that is being read.
    read: (Vec<u64>, Vec<usize>),
    last: Option<LastPage>,
    /// Walks whose ids are not in `seen`: an earlier call read them.
    unseen: Vec<(Option<Arc<Parent>>, usize)>,
    /// In a list that is held whole: where the earlier call stopped.
    after: Option<String>,
}

/// The page that was read last.
struct LastPage {
    walk: usize,
    parent: Option<String>,
    /// Before it.
    paging: PagingPlace,
    from: Option<String>,
    trail: Trail,
    digests: Vec<u64>,
    origins: Vec<usize>,
}

struct Current {
    parent: Option<Arc<Parent>>,
    parent_bytes: Option<Vec<u8>>,
    walk: usize,
    run: WalkRun,
    record: PassRecord,
    /// Its ids, where it tells how many there are and other walks came before.
    own: Option<Seen>,
    /// Records that came again within it.
    again: u64,
    /// Records at the head of the next page that an earlier call has read.
    skip: usize,
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
        let held = (!request.raw && (!unites.is_empty() || local_sort.is_some()))
            .then(|| Held::new(unites, local_sort, session.limits().held_records_max, session.limits().held_bytes_max));
        let active_enrich = plan.enrich.iter().map(|e| enrich::wanted(&session, e, &lookup)).collect();
        Ok(Self {
            enrich_states: plan.enrich.iter().map(|_| EnrichState::default()).collect(),
            active_enrich,
            runtimes,
            queue,
            current: None,
            seen: Seen::default(),
            holds: held.is_some(),
            held,
            scratch: Scratch::new(),
            completeness,
            finished: false,
            pages: None,
            trail: None,
            read: Default::default(),
            last: None,
            unseen: Vec::new(),
            after: None,
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
        loop {
            match self.turn().await? {
                Some(batch) if batch.ends.is_empty() => {}
                other => return Ok(other),
            }
        }
    }

    /// Reads one provider page, whose records may all be held back or sifted out; nothing when the list is at its end.
    ///
    /// # Errors
    /// The provider's fault.
    pub async fn next_page(&mut self) -> Result<Option<Batch>, Fault> {
        let outcome = self.turn().await;
        if let Err(fault) = &outcome {
            self.finish(Some(fault));
        }
        outcome
    }

    async fn turn(&mut self) -> Result<Option<Batch>, Fault> {
        if self.finished {
            return Ok(None);
        }
        if self.limit_left() == Some(0) {
            self.completeness.limited = true;
            self.finish(None);
            return Ok(None);
        }
        self.recall().await?;
        if !self.open_walk() {
            let rest = match self.held.take() {
                Some(held) => self.release(held)?,
                None => Batch::default(),
            };
            if let Some(fault) = self.refused_by_emptiness() {
                return Err(fault);
            }
            self.finish(None);
            return Ok((!rest.ends.is_empty()).then_some(rest));
        }
        self.page().await.map(Some)
    }

    /// What the listing did so far; `complete` is settled at the end.
    #[must_use]
    pub fn completeness(&self) -> &Completeness {
        &self.completeness
    }

    /// Goes on in another call: with its own time and bounds, and with counts that begin anew.
    pub fn begin_again(&mut self, limits: Limits) {
        self.session = self.session.again(limits);
        self.completeness = Completeness {
            connector: std::mem::take(&mut self.completeness.connector),
            resource: std::mem::take(&mut self.completeness.resource),
            started_at: rfc3339(self.session.now()),
            filters: std::mem::take(&mut self.completeness.filters),
            sort: self.completeness.sort.take(),
            missing: std::mem::take(&mut self.completeness.missing),
            ..Completeness::default()
        };
    }

    /// About how many bytes it keeps between pages.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.seen.bytes()
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
        let first = self.completeness.passes.is_empty();
        let own = (!first && Paging::counts(&walk.page)).then(Seen::default);
        self.current = Some(Current {
            parent,
            parent_bytes,
            walk: index,
            run: WalkRun::new(walk, self.session.limits().pages_max),
            record,
            own,
            again: 0,
            skip: 0,
        });
        true
    }

    /// Keeps the provider's pages from now on: `take_pages`.
    pub fn keep_pages(&mut self) {
        self.pages = Some(Vec::new());
    }

    /// The provider's pages since the last time, as they came.
    pub fn take_pages(&mut self) -> Vec<Answer> {
        self.pages.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Gives what was held back: united, filtered, sorted, up to the limit.
    fn release(&mut self, held: Held) -> Result<Batch, Fault> {
        let mut batch = Batch::default();
        let mut records = held.into_records(&self.request.filters, &mut self.completeness.filtered);
        if let Some(after) = self.after.take() {
            let at = records.iter().position(|record| id_of(record).as_ref() == Some(&after)).ok_or_else(lost)?;
            records.drain(..=at);
        }
        for record in records {
            if self.limit_left() == Some(0) {
                self.completeness.limited = true;
                break;
            }
            batch.push(&record);
            self.completeness.returned += 1;
        }
        Ok(batch)
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
