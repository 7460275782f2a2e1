//! Going on from a place that an earlier call, perhaps in another process, has left.

use std::sync::Arc;

use super::place::{Head, Place, lost};
use super::trail::Trail;
use super::{Batch, Listing};
use crate::fault::Fault;
use crate::parents::Parent;
use crate::query::ListRequest;
use crate::session::Session;
use crate::walk::WalkRun;

impl Listing {
    /// Starts a listing whose place can be told, from the beginning or from a place. `key` makes digests of ids differ from list to list.
    ///
    /// # Errors
    /// A request that cannot be met, a place that is no longer in the list, or the provider's fault.
    pub async fn resume(
        session: Arc<Session>,
        request: ListRequest,
        place: Option<&Place>,
        key: u64,
    ) -> Result<Self, Fault> {
        let mut listing = Self::start(session, request).await?;
        listing.trail = Some(place.map_or_else(|| Trail::new(key), |place| place.trail.clone()));
        let Some(Place { head, .. }) = place else { return Ok(listing) };
        // What is held until the end is read again as a whole.
        if listing.holds {
            listing.after.clone_from(&head.held);
            return Ok(listing);
        }
        let same = |(parent, walk): &(Option<Arc<Parent>>, usize)| {
            *walk == head.walk && parent.as_ref().map(|parent| parent.id()) == head.parent
        };
        // The queue's next one is its last.
        let at = listing.queue.iter().position(same).ok_or_else(lost)?;
        let passed = listing.queue.split_off(at + 1);
        listing.open_walk();
        let plan = Arc::clone(&listing.plan);
        let pages_max = listing.session.limits().pages_max;
        let remembered = listing.trail.as_ref().map_or(0, Trail::len);
        let (Some(current), Some(walk)) = (listing.current.as_mut(), plan.walks.get(head.walk)) else {
            return Err(lost());
        };
        current.run = WalkRun::resume(walk, pages_max, &head.paging, head.from.clone());
        current.skip = head.consumed.saturating_sub(remembered);
        let own = (current.parent.clone(), current.walk);
        if !listing.disjoint() {
            listing.unseen = passed;
            if !listing.unseen.is_empty() {
                listing.recall_now().await?;
            }
            listing.unseen.push(own);
        }
        Ok(listing)
    }

    /// The place after so many records of the batch that was given last; nothing when the list ends there.
    #[must_use]
    pub fn place(&self, batch: &Batch, taken: usize) -> Option<Place> {
        let whole = taken >= batch.ends.len();
        if self.holds {
            let id = batch.records().nth(taken.checked_sub(1)?).and_then(id_of)?;
            let trail = self.trail.clone()?;
            return (!whole).then(|| Place::new(Head { held: Some(id), ..Head::default() }, trail));
        }
        let last = self.last.as_ref()?;
        if whole {
            let trail = self.trail.clone()?;
            return match &self.current {
                Some(current) => {
                    let (paging, from) = current.run.place();
                    let parent = current.parent.as_ref().map(|parent| parent.id());
                    Some(Place::new(Head { walk: current.walk, parent, paging, from, ..Head::default() }, trail))
                }
                None => self.queue.last().map(|(parent, walk)| {
                    let parent = parent.as_ref().map(|parent| parent.id());
                    Place::new(Head { walk: *walk, parent, ..Head::default() }, trail)
                }),
            };
        }
        let consumed = taken.checked_sub(1).and_then(|index| last.origins.get(index)).copied().unwrap_or(0);
        let mut trail = last.trail.clone();
        trail.extend(last.digests.get(..consumed)?);
        let head = Head {
            walk: last.walk,
            parent: last.parent.clone(),
            paging: last.paging.clone(),
            from: last.from.clone(),
            consumed,
            ..Head::default()
        };
        Some(Place::new(head, trail))
    }

    /// Before a walk is opened: reads again the ids of walks that an earlier call read, so that who is in two walks is not given twice.
    pub(super) async fn recall(&mut self) -> Result<(), Fault> {
        if self.current.is_some() || self.queue.is_empty() || self.unseen.is_empty() {
            return Ok(());
        }
        self.recall_now().await
    }

    async fn recall_now(&mut self) -> Result<(), Fault> {
        let queue = std::mem::take(&mut self.unseen);
        let resource = crate::query::resource(
            self.session.connector(),
            &self.request.resource,
            rollcall_connector::MethodName::List,
        )?;
        let fields = resource.fields.iter().map(|field| field.name.clone());
        let request = ListRequest {
            filters: Vec::new(),
            sort: None,
            limit: None,
            exclude: fields.filter(|name| name != "id").collect(),
            remote_data: false,
            ..self.request.clone()
        };
        let session = self.session.shared().ok_or_else(lost)?;
        let mut again = Box::pin(Self::start(session, request)).await?;
        again.queue = queue;
        again.seen = std::mem::take(&mut self.seen);
        while Box::pin(again.next()).await?.is_some() {}
        self.seen = std::mem::take(&mut again.seen);
        Ok(())
    }

    /// Whether nobody can be in two walks: each says which statuses it holds, and none says what another says.
    fn disjoint(&self) -> bool {
        if self.plan.each.is_some() {
            return false;
        }
        let walks = &self.plan.walks;
        walks.len() <= 1
            || walks.iter().enumerate().all(|(index, walk)| {
                !walk.status.is_empty()
                    && walks.iter().take(index).all(|other| !other.status.iter().any(|s| walk.status.contains(s)))
            })
    }
}

/// The id of a mapped record.
pub(super) fn id_of(record: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Identified {
        id: String,
    }
    serde_json::from_slice::<Identified>(record).ok().map(|record| record.id)
}
