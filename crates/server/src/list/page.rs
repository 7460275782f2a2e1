//! One page: records until the limit, and the cursor of the next. Provider pages are joined and cut as needed; a page with a cursor is never
//! empty.

use std::collections::HashSet;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use rollcall_connector::MethodName;
use rollcall_engine::shape::Normalizer;
use rollcall_engine::{Batch, Listing, Place, explain};
use serde_json::{Map, Value, json};

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
        (Some(cursor), Format::Unified | Format::Normalized) => call.app.parked.take(cursor),
        _ => None,
    };
    let (mut listing, mut batch, mut taken) = match waiting {
        Some(waiting) => (waiting.listing, waiting.batch, waiting.taken),
        None => (call.listing(false, place.as_ref()).await?, Batch::default(), 0),
    };
    listing.begin_again(call.limits(false));
    let mut count = 0;
    let mut next: Option<Place> = None;
    loop {
        let wanted = (limit - count).min(batch.ends.len().saturating_sub(taken));
        shape.take(&batch, taken, wanted)?;
        count += wanted;
        taken += wanted;
        if count == limit {
            next = listing.place(&batch, taken);
            break;
        }
        match listing.next().await {
            Ok(Some(more)) => (batch, taken) = (more, 0),
            Ok(None) => break,
            Err(fault) => return Err(call.failed(fault).await),
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
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    completeness_headers(headers, done, requests, count);
    rate_headers(headers, listing.session().rate());
    if let Some(cursor) = next {
        call.app.parked.put(&cursor, Waiting { listing, batch, taken });
    }
    Ok(response)
}

/// The `result` under construction.
enum Shape<'a> {
    Array { out: Vec<u8>, any: bool },
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
            None => Self::Array { out: b"{\"result\":[".to_vec(), any: false },
        }
    }

    fn take(&mut self, batch: &Batch, from: usize, count: usize) -> Result<(), ApiError> {
        if count == 0 {
            return Ok(());
        }
        match self {
            // The records stand in the batch as they go out, a line break between them: copied at once.
            Self::Array { out, any } => {
                let start = from.checked_sub(1).and_then(|last| batch.ends.get(last)).copied().unwrap_or(0);
                let end = batch.ends.get(from + count - 1).copied().unwrap_or(start);
                out.reserve(end - start + 256);
                let mut begin = start;
                for end in batch.ends.iter().skip(from).take(count) {
                    if *any {
                        out.push(b',');
                    }
                    *any = true;
                    out.extend_from_slice(batch.bytes.get(begin..end - 1).unwrap_or_default());
                    begin = *end;
                }
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

    fn finish(self, call: &Call, listing: &Listing, count: usize, next: Option<&str>) -> Result<Vec<u8>, ApiError> {
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
        let (mut out, close) = match self {
            Self::Array { out, .. } => (out, b']'),
            Self::Keyed { out, .. } => (out, b'}'),
            Self::Normalized(normalizer) => {
                let mut out = b"{\"result\":".to_vec();
                let collections = serde_json::to_vec(normalizer.collections()).map_err(|_| {
                    ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "the answer cannot be written")
                })?;
                out.extend_from_slice(&collections);
                out.push(b',');
                out.extend_from_slice(rest.get(1..).unwrap_or_default().as_bytes());
                return Ok(out);
            }
        };
        out.push(close);
        out.push(b',');
        out.extend_from_slice(rest.get(1..).unwrap_or_default().as_bytes());
        Ok(out)
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
