//! How pages chain: pure decisions, from what an answer held to the next request or the end.
//! The guards are here for every kind: a repeated cursor or page, and more pages than the limit, are faults and never an end.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use http::HeaderMap;
use rollcall_connector::definition::{At, Page, Place, Size, Step, Until};
use rollcall_connector::request::Request;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::{Fault, FaultKind};
use crate::link;

/// The walk of one endpoint.
#[derive(Debug)]
pub struct Paging {
    page: Page,
    position: Position,
    /// Records received so far.
    received: u64,
    /// How many there are, as the provider said last.
    total: Option<u64>,
    pages: u64,
    pages_max: u64,
    seen: HashSet<u64>,
    hasher: RandomState,
    back: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Position {
    #[default]
    First,
    Number(u64),
    Value(Value),
    Url(String),
    Merge(serde_json::Map<String, Value>),
}

/// Where a walk stands before a page, for another process.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PagingPlace {
    #[serde(rename = "a")]
    position: Position,
    #[serde(rename = "r")]
    received: u64,
    #[serde(rename = "n")]
    pages: u64,
    /// The hash of a position some pages back: a loop comes by it again (Brent).
    #[serde(rename = "b", default)]
    back: u64,
}

/// What an answer held.
pub struct Outcome<'a> {
    pub headers: &'a HeaderMap,
    /// The value at a path of the body that `paths` named.
    pub value: &'a dyn Fn(&str) -> Option<Value>,
    /// Records in the page.
    pub received: u64,
    /// The value of `last.of` in the last record.
    pub last: Option<Value>,
    /// A hash of the ids in the page; `None` when it held none.
    pub fingerprint: Option<u64>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Continue,
    /// The end, and what showed it.
    End(&'static str),
}

impl Paging {
    /// The beginning of a walk.
    #[must_use]
    pub fn new(page: &Page, pages_max: u64) -> Self {
        Self {
            page: page.clone(),
            position: Position::First,
            received: 0,
            total: None,
            pages: 0,
            pages_max,
            seen: HashSet::new(),
            hasher: RandomState::new(),
            back: 0,
        }
    }

    /// A walk that goes on from a place.
    #[must_use]
    pub fn resume(page: &Page, pages_max: u64, place: &PagingPlace) -> Self {
        let mut paging = Self {
            position: place.position.clone(),
            received: place.received,
            pages: place.pages,
            back: place.back,
            ..Self::new(page, pages_max)
        };
        paging.seen.insert(paging.hasher.hash_one(format!("{:?}", paging.position)));
        paging
    }

    /// Where it stands, before the next page.
    #[must_use]
    pub fn place(&self) -> PagingPlace {
        PagingPlace { position: self.position.clone(), received: self.received, pages: self.pages, back: self.back }
    }

    /// Paths of the body that decide about the next page.
    #[must_use]
    pub fn paths(page: &Page) -> Vec<String> {
        let path = |at: &At| match at {
            At::Path(path) => Some(path.clone()),
            At::Header(_) => None,
        };
        let optional = |at: &Option<At>| at.as_ref().and_then(path);
        match page {
            Page::None(_) | Page::Link(_) | Page::Range(_) => Vec::new(),
            Page::NextUrl(p) => path(&p.at).into_iter().chain(optional(&p.more)).collect(),
            Page::Cursor(p) => path(&p.at).into_iter().chain(optional(&p.more)).collect(),
            Page::Page(p) => [&p.last, &p.total, &p.more].into_iter().filter_map(optional).collect(),
            Page::Offset(p) => [&p.total, &p.more].into_iter().filter_map(optional).collect(),
            Page::Scim(_) => vec![".totalResults".to_owned(), ".itemsPerPage".to_owned()],
            Page::Continue(p) => vec![p.at.clone()],
            Page::Last(p) => optional(&p.more).into_iter().collect(),
        }
    }

    /// The path in a record that the next request needs.
    #[must_use]
    pub fn record_path(page: &Page) -> Option<&str> {
        match page {
            Page::Last(p) => Some(&p.of),
            _ => None,
        }
    }

    /// A URL that replaces the request's, when the provider gave one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match &self.position {
            Position::Url(url) => Some(url),
            _ => None,
        }
    }

    /// Where the provider says how many records there are.
    fn total_at(page: &Page) -> Option<At> {
        match page {
            Page::Page(p) => p.total.clone(),
            Page::Offset(p) => p.total.clone(),
            Page::Scim(_) => Some(At::Path(".totalResults".to_owned())),
            _ => None,
        }
    }

    /// Whether the provider says how many records there are.
    #[must_use]
    pub fn counts(page: &Page) -> bool {
        Self::total_at(page).is_some()
    }

    /// How many records there are, as the provider said last.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Whether pages may hold fewer records than the provider counted.
    #[must_use]
    pub fn thinned(&self) -> bool {
        matches!(&self.page, Page::Offset(p) if p.step == Step::Size)
    }

    /// Records received so far.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Pages read so far.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// The cursor for templates with `{cursor}` in their path; empty on the first page.
    #[must_use]
    pub fn cursor_text(&self) -> String {
        match &self.position {
            Position::Value(value) => rollcall_connector::request::text(value),
            _ => String::new(),
        }
    }

    /// Puts the page size and the position into a request.
    pub fn put(&self, request: &mut Request) {
        if let Some(size) = self.size() {
            match &self.page {
                Page::Range(_) => {}
                _ => request.put(size.place, &size.param, &Value::from(size.max)),
            }
        }
        let (param, place, first) = match &self.page {
            Page::Cursor(p) => (p.param.as_str(), p.place, None),
            Page::Page(p) => (p.param.as_str(), p.place, Some(Value::from(p.start))),
            Page::Offset(p) => (p.param.as_str(), p.place, Some(Value::from(p.start))),
            Page::Last(p) => (p.param.as_str(), p.place, p.first.clone()),
            Page::Scim(p) => {
                if p.size.is_none() {
                    request.put(Place::Query, "count", &Value::from(SCIM_COUNT));
                }
                ("startIndex", Place::Query, Some(Value::from(1)))
            }
            Page::Range(p) => {
                if let (Position::First, Some(size)) = (&self.position, &p.size) {
                    request.put(Place::Header, "Range", &Value::from(format!("{}; max={}", size.param, size.max)));
                }
                ("Range", Place::Header, None)
            }
            _ => ("", Place::Query, None),
        };
        match &self.position {
            Position::First => {
                if let Some(first) = first {
                    request.put(place, param, &first);
                }
            }
            Position::Number(number) => request.put(place, param, &Value::from(*number)),
            Position::Value(value) => request.put(place, param, value),
            Position::Merge(members) => members.iter().for_each(|(name, value)| request.put(Place::Query, name, value)),
            Position::Url(_) => {}
        }
    }

    fn size(&self) -> Option<&Size> {
        match &self.page {
            Page::None(p) | Page::Scim(p) | Page::Range(p) => p.size.as_ref(),
            Page::Link(p) => p.size.as_ref(),
            Page::NextUrl(p) => p.size.as_ref(),
            Page::Cursor(p) => p.size.as_ref(),
            Page::Page(p) => p.size.as_ref(),
            Page::Offset(p) => p.size.as_ref(),
            Page::Continue(p) => p.size.as_ref(),
            Page::Last(p) => p.size.as_ref(),
        }
    }

    /// Decides from an answer.
    ///
    /// # Errors
    /// The guards, and a position that is not what the connector says.
    pub fn advance(&mut self, outcome: &Outcome<'_>) -> Result<Next, Fault> {
        self.pages += 1;
        self.received += outcome.received;
        self.total = Self::total_at(&self.page).and_then(|at| whole(&read(&at, outcome)?)).or(self.total);
        let (next, stop) = self.decide(outcome)?;
        // The last page too: a total that was counted on a page given twice hides the people who were not on it.
        if let Some(fingerprint) = outcome.fingerprint
            && !self.seen.insert(self.hasher.hash_one(("page", fingerprint)))
        {
            return Err(Fault::new(
                FaultKind::UnexpectedShape,
                format!("the provider gave the same page twice (page {}); stopped to avoid a loop", self.pages),
            )
            .hint("the provider may ignore the paging parameters; nothing of this list can be trusted to be whole"));
        }
        let Some(next) = next else { return Ok(Next::End(stop)) };
        if self.pages >= self.pages_max {
            return Err(Fault::new(
                FaultKind::LimitReached,
                format!("the list goes on after {} pages, which is the limit", self.pages_max),
            ));
        }
        let written = format!("{next:?}");
        let stable = stable_hash(written.as_bytes());
        if !self.seen.insert(self.hasher.hash_one(written)) || stable == self.back {
            return Err(Fault::new(
                FaultKind::UnexpectedShape,
                format!("the provider returned the same cursor twice (page {}); stopped to avoid a loop", self.pages),
            )
            .hint("this is a fault of the provider; try again later"));
        }
        self.position = next;
        if self.pages.is_power_of_two() {
            self.back = stable;
        }
        Ok(Next::Continue)
    }

    fn decide(&self, outcome: &Outcome<'_>) -> Result<(Option<Position>, &'static str), Fault> {
        let more = |at: &Option<At>| at.as_ref().map(|at| truth(read(at, outcome).as_ref()));
        Ok(match &self.page {
            Page::None(_) => (None, "one answer"),
            Page::Link(p) => {
                let values: Vec<&str> =
                    outcome.headers.get_all(http::header::LINK).iter().filter_map(|v| v.to_str().ok()).collect();
                let next = link::parse(values)
                    .into_iter()
                    .find(|l| l.has_rel(&p.rel) && p.while_.iter().all(|(name, value)| l.param(name) == Some(value)));
                (next.map(|link| Position::Url(link.target)), "no next link")
            }
            Page::NextUrl(p) => {
                if more(&p.more) == Some(false) {
                    return Ok((None, "the provider says there is no more"));
                }
                match read(&p.at, outcome) {
                    Some(Value::String(url)) if !url.trim().is_empty() => (Some(Position::Url(url)), ""),
                    None | Some(Value::Null | Value::Bool(false) | Value::String(_)) => (None, "no next URL"),
                    Some(_) => return Err(strange("the next URL is not a text")),
                }
            }
            Page::Cursor(p) => {
                if more(&p.more) == Some(false) {
                    return Ok((None, "the provider says there is no more"));
                }
                match read(&p.at, outcome) {
                    None | Some(Value::Null | Value::Bool(_)) => {
                        if more(&p.more) == Some(true) {
                            return Err(strange("the provider says there is more but gives no cursor"));
                        }
                        (None, "no cursor")
                    }
                    Some(Value::String(text)) if text.is_empty() => (None, "an empty cursor"),
                    Some(value) => (Some(Position::Value(value)), ""),
                }
            }
            Page::Page(p) => {
                let number = match &self.position {
                    Position::Number(number) => *number,
                    _ => u64::from(p.start),
                };
                let next = Some(Position::Number(number + 1));
                if let Some(last) = p.last.as_ref().and_then(|at| read(at, outcome)).and_then(|v| whole(&v)) {
                    let last = last + u64::from(p.start) - 1.min(u64::from(p.start) + last);
                    let last = if p.start == 0 { last } else { last.max(1) };
                    return Ok(if number < last { (next, "") } else { (None, "the last page") });
                }
                self.counted(next, more(&p.more), p.total.as_ref(), p.until, p.size.as_ref(), self.received, outcome)?
            }
            Page::Offset(p) => {
                let at = match &self.position {
                    Position::Number(number) => *number,
                    _ => u64::from(p.start),
                };
                let step = match (p.step, &p.size) {
                    (Step::Size, Some(size)) => u64::from(size.max),
                    _ => outcome.received,
                };
                let walked = (at + step).saturating_sub(u64::from(p.start));
                self.counted(
                    Some(Position::Number(at + step)),
                    more(&p.more),
                    p.total.as_ref(),
                    p.until,
                    p.size.as_ref(),
                    walked,
                    outcome,
                )?
            }
            Page::Scim(p) => self.scim(p.size.as_ref().map_or(SCIM_COUNT, |size| size.max), outcome),
            Page::Range(_) => match outcome.headers.get("next-range").and_then(|v| v.to_str().ok()) {
                Some(range) if !range.is_empty() => (Some(Position::Value(Value::from(range))), ""),
                _ => (None, "no next range"),
            },
            Page::Continue(p) => match (outcome.value)(&p.at) {
                Some(Value::Object(members)) if !members.is_empty() => (Some(Position::Merge(members)), ""),
                None | Some(Value::Null | Value::Object(_)) => (None, "nothing to continue with"),
                Some(_) => return Err(strange("what to continue with is not an object")),
            },
            Page::Last(p) => {
                if more(&p.more) == Some(false) {
                    return Ok((None, "the provider says there is no more"));
                }
                if outcome.received == 0 {
                    return Ok((None, "an empty page"));
                }
                let short = p.size.as_ref().is_some_and(|size| outcome.received < u64::from(size.max));
                if p.until == Some(Until::Short) && short && p.more.is_none() {
                    return Ok((None, "a short page"));
                }
                match &outcome.last {
                    Some(value) if !value.is_null() => (Some(Position::Value(value.clone())), ""),
                    _ => return Err(strange("the last record has no value to go on from")),
                }
            }
        })
    }

    /// The stop rules that pages and offsets share.
    #[expect(clippy::too_many_arguments, reason = "the parts of one decision")]
    fn counted(
        &self,
        next: Option<Position>,
        more: Option<bool>,
        total: Option<&At>,
        until: Option<Until>,
        size: Option<&Size>,
        walked: u64,
        outcome: &Outcome<'_>,
    ) -> Result<(Option<Position>, &'static str), Fault> {
        match more {
            Some(false) => return Ok((None, "the provider says there is no more")),
            Some(true) if outcome.received > 0 => return Ok((next, "")),
            Some(true) => return Err(strange("the provider says there is more but the page is empty")),
            None => {}
        }
        if let Some(total) = total.and_then(|at| read(at, outcome)).and_then(|v| whole(&v)) {
            if walked >= total {
                return Ok((None, "the total was reached"));
            }
            if outcome.received == 0 {
                return Err(strange(&format!(
                    "the provider counts {total} records but the list ended after {}",
                    self.received
                ))
                .hint("records may be hidden from this credential, or the list changed while it was read; try again"));
            }
            return Ok((next, ""));
        }
        if outcome.received == 0 {
            return Ok((None, "an empty page"));
        }
        let short = size.is_some_and(|size| outcome.received < u64::from(size.max));
        if until == Some(Until::Short) && short {
            return Ok((None, "a short page"));
        }
        Ok((next, ""))
    }

    /// RFC 7644 says how it should be; servers exist whose total is that of the page, so a total that equals a full page is not believed.
    fn scim(&self, count: u32, outcome: &Outcome<'_>) -> (Option<Position>, &'static str) {
        let start = match &self.position {
            Position::Number(number) => *number,
            _ => 1,
        };
        if outcome.received == 0 {
            return (None, "an empty page");
        }
        let next = Some(Position::Number(start + outcome.received));
        let total = (outcome.value)(".totalResults").and_then(|v| whole(&v));
        let served = (outcome.value)(".itemsPerPage").and_then(|v| whole(&v));
        match total {
            Some(total) if start - 1 + outcome.received >= total => {
                let full = outcome.received >= u64::from(count)
                    || served.is_some_and(|n| n < u64::from(count) && n == outcome.received && n > 1);
                let doubtful = (full && total == outcome.received) || start - 1 + outcome.received > total;
                if doubtful { (next, "") } else { (None, "the total was reached") }
            }
            _ => (next, ""),
        }
    }
}

/// What is asked for where a SCIM connector does not say.
const SCIM_COUNT: u32 = 100;

/// FNV-1a, the same in every process.
fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)) | 1
}

fn read(at: &At, outcome: &Outcome<'_>) -> Option<Value> {
    match at {
        At::Path(path) => (outcome.value)(path),
        At::Header(header) => {
            outcome.headers.get(&header.header).and_then(|v| v.to_str().ok()).map(|text| Value::from(text.trim()))
        }
    }
}

fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whether a "more" value says so: a boolean, a number, or their texts; anything else present is a yes.
fn truth(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(more)) => *more,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !matches!(text.trim().to_ascii_lowercase().as_str(), "" | "false" | "0" | "no"),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
    }
}

fn strange(message: &str) -> Fault {
    Fault::new(FaultKind::UnexpectedShape, message)
}

/// The page size that a connector asks for.
pub(crate) fn size_mut(page: &mut Page) -> Option<&mut Size> {
    match page {
        Page::None(p) | Page::Scim(p) | Page::Range(p) => p.size.as_mut(),
        Page::Link(p) => p.size.as_mut(),
        Page::NextUrl(p) => p.size.as_mut(),
        Page::Cursor(p) => p.size.as_mut(),
        Page::Page(p) => p.size.as_mut(),
        Page::Offset(p) => p.size.as_mut(),
        Page::Continue(p) => p.size.as_mut(),
        Page::Last(p) => p.size.as_mut(),
    }
}
