//! One page: records until the limit, and the cursor of the next. Provider pages are joined and cut as needed; a page with a cursor is never
//! empty.

use std::collections::HashSet;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use rollcall_connector::MethodName;
use rollcall_engine::shape::Normalizer;
use rollcall_engine::{Batch, Listing, Place, explain};
use serde_json::{Map, Value, json};

use super::body::Pieces;
use super::headers::{completeness_headers, rate_headers};
use super::keyed;
use super::{Call, fields_of_get_alone};
use crate::error::ApiError;
use crate::parked::Waiting;
use crate::query::{Format, LIMIT_DEFAULT};

/// Answers with one page.
pub async fn answer(call: Call) -> Result<Response, ApiError> {
    let place = call.place()?;
    let limit = call.query.limit.unwrap_or(LIMIT_DEFAULT);
    let mut shape = Shape::new(&call);
    let waiting = match (&call.query.next_cursor, call.query.format) {
        // A debug answer shows its own requests.
        (Some(cursor), Format::Unified | Format::Normalized) => call.app.parked.take(&call.waiting(cursor)),
        _ => None,
    };
    let (mut listing, mut batch, mut taken) = match waiting {
        Some(waiting) => {
            let mut listing = waiting.listing;
            listing.begin_again(call.limits(false));
            (listing, waiting.batch, waiting.taken)
        }
        None => (call.listing(false, place.as_ref()).await?, Batch::default(), 0),
    };
    let mut count = 0;
    let mut next: Option<Place> = None;
    loop {
        let wanted = (limit - count).min(batch.ends.len().saturating_sub(taken));
        let is_held = listing.is_held();
        shape.take(&mut batch, taken, wanted, is_held)?;
        count += wanted;
        taken += wanted;
        if count == limit {
            next = listing.place(&batch, taken);
            break;
        }
        match listing.next().await {
            Ok(Some(more)) => (batch, taken) = (more, 0),
            Ok(None) => break,
            Err(fault) => return Err(call.failed(listing.session(), fault).await),
        }
    }
    call.app.accounts.note(&call.connected, None).await;
    let next = next.as_ref().map(|place| call.seal(place)).transpose()?;
    finish(&call, shape, listing, batch, taken, count, next)
}

fn finish(
    call: &Call,
    shape: Shape<'_>,
    listing: Listing,
    batch: Batch,
    taken: usize,
    count: usize,
    next: Option<String>,
) -> Result<Response, ApiError> {
    let done = listing.completeness();
    let (requests, _) = listing.session().counts();
    crate::telemetry::listed(done, requests, count as u64);
    let body = shape.finish(call, &listing, count, next.as_deref())?;
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    completeness_headers(headers, done, requests, count);
    rate_headers(headers, listing.session().rate());
    if let Some(cursor) = next {
        call.app.parked.put(&call.waiting(&cursor), Waiting { listing, batch, taken });
    }
    Ok(response)
}

/// The `result` under construction.
enum Shape<'a> {
    Array { pieces: Pieces, any: bool },
    Keyed { out: Vec<u8>, field: &'a str, keys: HashSet<String> },
    Normalized(Box<Normalizer>),
}

impl<'a> Shape<'a> {
    fn new(call: &'a Call) -> Self {
        if call.query.format == Format::Normalized {
            return Self::Normalized(Box::new(Normalizer::new(call.resource)));
        }
        match &call.query.key_by {
            Some(field) => Self::Keyed { out: b"{\"result\":{".to_vec(), field, keys: HashSet::new() },
            None => {
                let mut pieces = Pieces::default();
                pieces.push(Bytes::from_static(b"{\"result\":["));
                Self::Array { pieces, any: false }
            }
        }
    }

    /// Takes records of a batch. A batch that is taken whole gives its bytes away, unless its records are asked for later (`is_held`).
    fn take(&mut self, batch: &mut Batch, from: usize, count: usize, is_held: bool) -> Result<(), ApiError> {
        if count == 0 {
            return Ok(());
        }
        match self {
            // The records stand in the batch as they go out, but for the line breaks between them, which become commas.
            Self::Array { pieces, any } => {
                let is_whole = from == 0 && count == batch.ends.len() && !is_held;
                let start = from.checked_sub(1).and_then(|last| batch.ends.get(last)).copied().unwrap_or(0);
                let end = batch.ends.get(from + count - 1).copied().unwrap_or(start);
                let mut bytes = if is_whole {
                    std::mem::take(&mut batch.bytes)
                } else {
                    batch.bytes.get(start..end).unwrap_or_default().to_vec()
                };
                for end in batch.ends.iter().skip(from).take(count) {
                    if let Some(line_break) = bytes.get_mut(end - start - 1) {
                        *line_break = b',';
                    }
                }
                bytes.pop();
                if *any {
                    pieces.push(Bytes::from_static(b","));
                }
                *any = true;
                pieces.push(bytes);
            }
            Self::Keyed { out, field, keys } => {
                for record in batch.records().skip(from).take(count) {
                    let key = keyed::key_of(record, field)?;
                    if !keys.is_empty() {
                        out.push(b',');
                    }
                    out.extend_from_slice(key.as_bytes());
                    out.push(b':');
                    out.extend_from_slice(record);
                    if !keys.insert(key.clone()) {
                        return Err(keyed::twice(field, &key));
                    }
                }
            }
            Self::Normalized(normalizer) => {
                batch.records().skip(from).take(count).for_each(|record| normalizer.add(record));
            }
        }
        Ok(())
    }

    fn finish(self, call: &Call, listing: &Listing, count: usize, next: Option<&str>) -> Result<Body, ApiError> {
        let mut rest = Map::new();
        rest.insert("next_cursor".to_owned(), next.map_or(Value::Null, Value::from));
        rest.insert("prev_cursor".to_owned(), Value::Null);
        rest.insert("result_count".to_owned(), Value::from(count));
        let details = partial_details(call, listing);
        rest.insert("is_partial_response".to_owned(), Value::from(!details.is_empty()));
        if !details.is_empty() {
            rest.insert("details".to_owned(), Value::Object(details));
        }
        if call.query.format == Format::Debug {
            rest.insert("debug".to_owned(), debug(call, listing)?);
        }
        let rest = Value::Object(rest).to_string();
        let rest = rest.get(1..).unwrap_or_default();
        match self {
            Self::Array { mut pieces, .. } => {
                pieces.push(format!("],{rest}"));
                Ok(Body::new(pieces))
            }
            Self::Keyed { mut out, .. } => {
                out.extend_from_slice(format!("}},{rest}").as_bytes());
                Ok(Body::from(out))
            }
            Self::Normalized(normalizer) => {
                let mut out = b"{\"result\":".to_vec();
                let collections = serde_json::to_vec(normalizer.collections()).map_err(|_| {
                    ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "the answer cannot be written")
                })?;
                out.extend_from_slice(&collections);
                out.push(b',');
                out.extend_from_slice(rest.as_bytes());
                Ok(Body::from(out))
            }
        }
    }
}

/// What this answer lacks: fields that a get gives, and what could not be read.
fn partial_details(call: &Call, listing: &Listing) -> Map<String, Value> {
    let mut details = Map::new();
    let alone = fields_of_get_alone(&call.connected.connector, call.resource);
    if !alone.is_empty() {
        details.insert("fields_of_get".to_owned(), json!(alone));
    }
    let done = listing.completeness();
    if !done.missing.is_empty() {
        details.insert("missing".to_owned(), json!(done.missing));
        details.insert("people_missing".to_owned(), Value::from(done.people_missing()));
    }
    details
}

/// How the answer came about.
fn debug(call: &Call, listing: &Listing) -> Result<Value, ApiError> {
    let explanation = explain::explain(&call.connected.connector, &call.query.request, MethodName::List)?;
    Ok(json!({
        "exchanges": listing.session().trace(),
        "completeness": listing.completeness(),
        "plan": explanation,
    }))
}
