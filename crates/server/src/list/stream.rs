//! Everything in one answer, while provider pages arrive: as lines with a trailer, or as one envelope. The caller's pace is the provider's:
//! the next page is fetched when the last one was taken, and nothing is fetched for a caller who has gone.

use std::collections::{HashSet, VecDeque};
use std::io;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use rollcall_engine::{Batch, Fault, Listing};
use serde_json::{Value, json};

use super::headers::{filter_headers, rate_headers};
use super::{Call, keyed};
use crate::error::ApiError;
use crate::telemetry::InFlight;

/// A stream under way.
struct Flow {
    call: Call,
    listing: Listing,
    /// Fetched before the answer began, so that a fault there is an answer of its own.
    first: Option<Batch>,
    count: u64,
    /// Records that may still be given, when the caller has set a limit.
    left: Option<usize>,
    cursor: Option<String>,
    ready: VecDeque<Bytes>,
    state: State,
    keys: HashSet<String>,
    _in_flight: InFlight,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Ended,
}

async fn begin(call: Call) -> Result<Flow, ApiError> {
    let place = call.place()?;
    let mut listing = call.listing(true, place.as_ref()).await?;
    let first = match listing.next().await {
        Ok(first) => first,
        Err(fault) => return Err(call.failed(listing.session(), fault).await),
    };
    call.app.accounts.note(&call.connected, None).await;
    Ok(Flow {
        left: call.query.limit.filter(|_| !call.query.ignore_limit),
        call,
        listing,
        first,
        count: 0,
        cursor: None,
        ready: VecDeque::new(),
        state: State::Open,
        keys: HashSet::new(),
        _in_flight: InFlight::new(),
    })
}

impl Flow {
    async fn batch(&mut self) -> Result<Option<Batch>, Fault> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => self.listing.next().await,
        }
    }

    /// What goes out of a batch: the caller's limit may cut it, and then the cursor leads to what is left of it.
    fn give(&mut self, mut batch: Batch) -> Result<Bytes, ApiError> {
        let given = self.left.map_or(batch.ends.len(), |left| left.min(batch.ends.len()));
        self.left = self.left.map(|left| left - given);
        self.count += given as u64;
        self.cursor = self.listing.place(&batch, given).map(|place| self.call.seal(&place)).transpose()?;
        let end = given.checked_sub(1).and_then(|last| batch.ends.get(last)).copied().unwrap_or(0);
        batch.bytes.truncate(end);
        Ok(Bytes::from(batch.bytes))
    }

    /// Whether the caller's limit is met while there may be more.
    fn is_limited(&self) -> bool {
        self.left == Some(0) && self.cursor.is_some()
    }

    /// The next lines.
    async fn lines(&mut self) -> Bytes {
        if self.is_limited() {
            self.end();
            return trailer(self, None);
        }
        let error = match self.batch().await {
            Ok(Some(batch)) => match self.give(batch) {
                Ok(bytes) => return bytes,
                Err(error) => Some(error),
            },
            Ok(None) => None,
            Err(fault) => Some(self.call.failed(self.listing.session(), fault).await),
        };
        self.end();
        trailer(self, error.as_ref())
    }

    fn end(&mut self) {
        self.state = State::Ended;
        let (requests, _) = self.listing.session().counts();
        crate::telemetry::listed(self.listing.completeness(), requests, self.count);
    }

    fn headers(&self, response: &mut Response, content_type: &'static str) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        // Proxies that buffer would hold the first record back.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // How complete the answer is stands at its end; the head says where filters are applied.
        filter_headers(headers, self.listing.completeness());
        rate_headers(headers, self.listing.session().rate());
    }
}

/// Lines of JSON, and a last one that says whether it was everything.
pub async fn lines(call: Call) -> Result<Response, ApiError> {
    let flow = begin(call).await?;
    let mut response = Response::new(Body::empty());
    flow.headers(&mut response, "application/x-ndjson");
    let body = Body::from_stream(stream::unfold(flow, |mut flow| async move {
        if flow.state == State::Ended {
            return None;
        }
        let bytes = flow.lines().await;
        Some((Ok::<_, io::Error>(bytes), flow))
    }));
    *response.body_mut() = body;
    Ok(response)
}

/// The last line.
fn trailer(flow: &Flow, error: Option<&ApiError>) -> Bytes {
    let limited = error.is_none() && flow.is_limited();
    let ended = error.is_none() && !limited;
    let mut done = flow.listing.completeness().clone();
    if limited {
        // The walk stands still in the middle; it did not end.
        (done.limited, done.complete, done.returned) = (true, false, flow.count);
        (done.requests, done.retries) = flow.listing.session().counts();
    }
    let trailer = json!({
        "object": "trailer",
        "complete": ended && done.complete,
        "ended": ended,
        "count": flow.count,
        "error": error.map(ApiError::body),
        // To go on from: after a fault, or after the caller's limit.
        "next_cursor": if ended { None } else { flow.cursor.clone() },
        "completeness": done,
    });
    Bytes::from(format!("{trailer}\n"))
}

/// The envelope of a page, with everything in it. When the provider fails midway the answer is broken off, which no client takes for whole.
pub async fn envelope(call: Call) -> Result<Response, ApiError> {
    let keyed = call.query.key_by.clone();
    let mut flow = begin(call).await?;
    let mut response = Response::new(Body::empty());
    flow.headers(&mut response, "application/json");
    flow.ready.push_back(Bytes::from_static(if keyed.is_some() { b"{\"result\":{" } else { b"{\"result\":[" }));
    // What is wrong with the first records is an answer of its own.
    if let Some(first) = flow.first.take() {
        let bytes = joined(&mut flow, &first, keyed.as_deref())?;
        flow.ready.push_back(bytes);
    }
    let body = Body::from_stream(stream::unfold((flow, keyed), |(mut flow, keyed)| async move {
        if let Some(bytes) = flow.ready.pop_front() {
            return Some((Ok(bytes), (flow, keyed)));
        }
        if flow.state == State::Ended {
            return None;
        }
        let bytes = match flow.batch().await {
            Ok(Some(batch)) => match joined(&mut flow, &batch, keyed.as_deref()) {
                Ok(bytes) => Ok(bytes),
                Err(error) => {
                    flow.end();
                    Err(io::Error::other(error.message))
                }
            },
            Ok(None) => {
                flow.end();
                Ok(closing(&flow, keyed.is_some()))
            }
            Err(fault) => {
                flow.end();
                let error = flow.call.failed(flow.listing.session(), fault).await;
                Err(io::Error::other(error.message))
            }
        };
        Some((bytes, (flow, keyed)))
    }));
    *response.body_mut() = body;
    Ok(response)
}

fn joined(flow: &mut Flow, batch: &Batch, key_by: Option<&str>) -> Result<Bytes, ApiError> {
    let mut out = Vec::with_capacity(batch.bytes.len() + batch.ends.len());
    let mut any = flow.count > 0;
    for record in batch.records() {
        if any {
            out.push(b',');
        }
        any = true;
        if let Some(field) = key_by {
            let key = keyed::key_of(record, field)?;
            out.extend_from_slice(key.as_bytes());
            out.push(b':');
            if !flow.keys.insert(key.clone()) {
                return Err(keyed::twice(field, &key));
            }
        }
        out.extend_from_slice(record);
    }
    flow.count += batch.ends.len() as u64;
    Ok(Bytes::from(out))
}

fn closing(flow: &Flow, keyed: bool) -> Bytes {
    let done = flow.listing.completeness();
    let mut rest = json!({
        "next_cursor": Value::Null,
        "prev_cursor": Value::Null,
        "result_count": flow.count,
    });
    let mut details = serde_json::Map::new();
    let alone = super::fields_of_get_alone(&flow.call.connected.connector, flow.call.resource);
    if !alone.is_empty() {
        details.insert("fields_of_get".to_owned(), json!(alone));
    }
    if !done.missing.is_empty() {
        details.insert("missing".to_owned(), json!(done.missing));
        details.insert("people_missing".to_owned(), Value::from(done.people_missing()));
    }
    rest["is_partial_response"] = Value::from(!details.is_empty());
    if !details.is_empty() {
        rest["details"] = Value::Object(details);
    }
    let rest = rest.to_string();
    Bytes::from(format!("{}{}", if keyed { "}," } else { "]," }, rest.get(1..).unwrap_or_default()))
}
