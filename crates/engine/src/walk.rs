//! One walk: a page after the other, each as JSON bytes.

use std::borrow::Cow;

use http::StatusCode;
use rollcall_connector::definition::{Format, Items};
use rollcall_connector::plan::Walk;
use rollcall_connector::request::Request;
use serde_json::Value;

use crate::errors::{self, Doing};
use crate::fault::{Fault, FaultKind};
use crate::format::{self, FormatError};
use crate::paging::{Next, Outcome, Paging, PagingPlace};
use crate::session::{Extra, Session};
use crate::transport::Answer;
use crate::values;

/// A walk under way.
pub struct WalkRun {
    paging: Paging,
    /// Where the last request went: relative next links start from it.
    current: Option<Request>,
    from: Option<String>,
    ended: Option<&'static str>,
}

/// A page.
pub struct Fetched {
    pub answer: Answer,
    pub doing: Doing,
}

impl WalkRun {
    /// The beginning.
    #[must_use]
    pub fn new(walk: &Walk, pages_max: u64) -> Self {
        Self { paging: Paging::new(&walk.page, pages_max), current: None, from: None, ended: None }
    }

    /// A walk that goes on from a place, and from where its last request went.
    #[must_use]
    pub fn resume(walk: &Walk, pages_max: u64, place: &PagingPlace, from: Option<String>) -> Self {
        Self { paging: Paging::resume(&walk.page, pages_max, place), current: None, from, ended: None }
    }

    /// Where it stands before the next page, and where the last request went.
    #[must_use]
    pub fn place(&self) -> (PagingPlace, Option<String>) {
        let from = self.paging.url().and_then(|_| self.current.as_ref().map(Request::full_url).or(self.from.clone()));
        (self.paging.place(), from)
    }

    /// Why it ended, once it has.
    #[must_use]
    pub fn ended(&self) -> Option<&'static str> {
        self.ended
    }

    /// Ends the walk here.
    pub fn stop(&mut self, reason: &'static str) {
        self.ended = Some(reason);
    }

    /// Records received so far, also in earlier calls.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.paging.received()
    }

    /// How many records there are, as the provider said last.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.paging.total()
    }

    /// Whether pages may hold fewer records than the provider counted.
    #[must_use]
    pub fn thinned(&self) -> bool {
        self.paging.thinned()
    }

    /// Pages read so far.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.paging.pages()
    }

    /// Fetches the next page. `decorate` adds filters and what the caller passes on to the provider.
    ///
    /// # Errors
    /// The provider's fault.
    pub async fn fetch(
        &mut self,
        session: &Session,
        walk: &Walk,
        what: &str,
        extra: Extra<'_>,
        decorate: &(dyn Fn(&mut Request) + Sync),
    ) -> Result<Fetched, Fault> {
        session.prepare().await?;
        let cursor = self.paging.cursor_text();
        let with_cursor = |name: &str| if name == "cursor" { Some(cursor.clone()) } else { extra(name) };
        let mut request = session.render(&walk.request, &with_cursor)?;
        decorate(&mut request);
        match self.paging.url() {
            Some(link) => {
                let current = self
                    .current
                    .as_ref()
                    .map(Request::full_url)
                    .or_else(|| self.from.clone())
                    .unwrap_or_else(|| request.full_url());
                let next = session.next_url(&current, link)?;
                request.query = next.query_pairs().into_owned().collect();
                let mut bare = next;
                bare.set_query(None);
                bare.set_fragment(None);
                request.url = bare.to_string();
            }
            None => self.paging.put(&mut request),
        }
        let page =
            if self.paging.pages() == 0 { String::new() } else { format!(" (page {})", self.paging.pages() + 1) };
        let doing = session.doing(&format!("{what}{page}"));
        self.current = Some(request.clone());
        let answer = session.send(request, &doing).await?;
        Ok(Fetched { answer, doing })
    }

    /// Takes note of what the page held.
    ///
    /// # Errors
    /// The guards of paging.
    pub fn advance(&mut self, outcome: &Outcome<'_>, doing: &Doing) -> Result<(), Fault> {
        match self.paging.advance(outcome) {
            Ok(Next::Continue) => Ok(()),
            Ok(Next::End(stop)) => {
                self.ended = Some(stop);
                Ok(())
            }
            Err(mut fault) => {
                fault.message = format!("{}: {} while {}", doing.connector, fault.message, doing.what);
                Err(fault)
            }
        }
    }
}

/// The body of an answer as JSON, and where its items then are.
///
/// # Errors
/// A body that is not of the declared format.
pub fn as_json<'a>(session: &Session, walk: &Walk, fetched: &'a Fetched) -> Result<Cow<'a, [u8]>, Fault> {
    // Only where the provider says so: any other empty body may have been lost on the way.
    let answer = &fetched.answer;
    if walk.items_optional && answer.status == StatusCode::NO_CONTENT && answer.body.trim_ascii().is_empty() {
        return Ok(Cow::Borrowed(b"null"));
    }
    json_of(walk, &fetched.answer.body).map_err(|fault| {
        let shape = session.not_json(&fetched.answer, &fetched.doing);
        Fault { message: format!("{}: {fault} while {}", fetched.doing.connector, fetched.doing.what), ..shape }
    })
}

/// The same for any body.
///
/// # Errors
/// A body that is not of the declared format.
pub fn json_of<'a>(walk: &Walk, body: &'a [u8]) -> Result<Cow<'a, [u8]>, FormatError> {
    let plain = matches!(walk.format, Format::Json) && !matches!(walk.items, Items::Rows(_));
    if plain {
        return Ok(Cow::Borrowed(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)));
    }
    format::to_json(&walk.format, &walk.items, body).map(|json| without_empty_parents(walk, json))
}

/// In XML a list without elements leaves no trace but its empty parent, which reads as an empty text: that is an empty list.
fn without_empty_parents<'a>(walk: &Walk, json: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
    let (Format::Xml(_), Items::Path(path)) = (&walk.format, &walk.items) else { return json };
    let mut steps = errors::steps(path);
    let Some(last) = steps.pop() else { return json };
    let Ok(mut document) = serde_json::from_slice::<Value>(&json) else { return json };
    let parent = steps.iter().try_fold(&mut document, |value, step| value.get_mut(step));
    match parent {
        Some(parent) if parent.as_str() == Some("") => {
            *parent = Value::Object(serde_json::Map::from_iter([(last, Value::Array(Vec::new()))]));
            Cow::Owned(document.to_string().into_bytes())
        }
        _ => json,
    }
}

/// All items of a walk, as trees: for parents, lookups and enrichments.
///
/// # Errors
/// The provider's fault, a body that is not what the connector says, or more items than `max`.
pub async fn collect(
    session: &Session,
    walk: &Walk,
    what: &str,
    extra: Extra<'_>,
    max: usize,
) -> Result<Vec<Value>, Fault> {
    let mut run = WalkRun::new(walk, session.limits().pages_max);
    let mut all = Vec::new();
    while run.ended().is_none() {
        let fetched = run.fetch(session, walk, what, extra, &|_| {}).await?;
        let document = document(session, walk, &fetched)?;
        let original: Option<Value> = matches!(walk.items, Items::Rows(_))
            .then(|| serde_json::from_slice(&fetched.answer.body).unwrap_or_default());
        let wanted = Paging::paths(&walk.page);
        let picked: Vec<(String, Option<Value>)> = wanted
            .into_iter()
            .map(|path| (path.clone(), errors::at(original.as_ref().unwrap_or(&document), &path).cloned()))
            .collect();
        let items = match values::items(document, &walk.items) {
            Some(items) => items,
            None if walk.items_optional => Vec::new(),
            None => return Err(no_items(&fetched.doing, &walk.items)),
        };
        let last = Paging::record_path(&walk.page).and_then(|path| errors::at(items.last()?, path).cloned());
        let outcome = Outcome {
            headers: &fetched.answer.headers,
            value: &|path| picked.iter().find(|(known, _)| known == path).and_then(|(_, value)| value.clone()),
            received: items.len() as u64,
            last,
            fingerprint: None,
        };
        run.advance(&outcome, &fetched.doing)?;
        all.extend(items);
        if all.len() > max {
            return Err(Fault::new(
                FaultKind::LimitReached,
                format!("{}: more than {max} items while {}", fetched.doing.connector, fetched.doing.what),
            ));
        }
    }
    Ok(all)
}

/// A small answer as a tree.
///
/// # Errors
/// A body that is not of the declared format.
pub fn document(session: &Session, walk: &Walk, fetched: &Fetched) -> Result<Value, Fault> {
    let body = as_json(session, walk, fetched)?;
    serde_json::from_slice(&body).map_err(|_| session.not_json(&fetched.answer, &fetched.doing))
}

/// The fault of an answer without the array that should be there.
#[must_use]
pub fn no_items(doing: &Doing, items: &Items) -> Fault {
    let place = match items {
        Items::Path(path) => path.clone(),
        Items::ValuesOf(values) => values.values_of.clone(),
        Items::Rows(rows) => rows.rows.clone(),
        Items::One(one) => one.one.clone(),
    };
    Fault::new(FaultKind::UnexpectedShape, format!("{}: the answer has no list at `{place}` while {}", doing.connector, doing.what))
        .hint("the provider may have changed its API, or answers otherwise for this credential; nothing was taken for an empty list")
}
