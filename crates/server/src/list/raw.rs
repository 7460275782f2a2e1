//! The provider's own page, unmapped: its body and content type; the way on is in headers.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};

use super::Call;
use super::headers::{completeness_headers, put, rate_headers};
use crate::error::ApiError;

/// Answers with one page of the provider.
pub async fn answer(mut call: Call) -> Result<Response, ApiError> {
    if !call.query.request.exclude.is_empty() {
        return Err(ApiError::bad_request(
            "`truto_exclude_fields` leaves unified fields out; the format `raw` is the provider's own page",
        ));
    }
    if call.query.limit.is_some() {
        return Err(ApiError::bad_request(
            "`limit` does not go with the format `raw`: pages are the provider's; use `remote_query` for its own page size",
        ));
    }
    call.query.request.raw = true;
    let place = call.place()?;
    let mut listing = call.listing(false, place.as_ref()).await?;
    let done = listing.completeness();
    let local: Vec<&str> =
        done.filters.iter().filter(|(_, place)| *place == "local").map(|(name, _)| name.as_str()).collect();
    if !local.is_empty() || done.sort.as_deref() == Some("local") {
        let what = if local.is_empty() { "sort".to_owned() } else { local.join("`, `") };
        return Err(ApiError::bad_request(format!(
            "`{what}` would have to be applied here, and the format `raw` is the provider's own page; use `unified`, or `remote_query` with the provider's own parameters"
        )));
    }
    listing.keep_pages();
    // A pass that may not be read has no page; the next one may.
    let (batch, page) = loop {
        let batch = match listing.next_page().await {
            Ok(batch) => batch,
            Err(fault) => return Err(call.failed(listing.session(), fault).await),
        };
        match (batch, listing.take_pages().pop()) {
            (Some(_), None) => {}
            (batch, page) => break (batch.unwrap_or_default(), page),
        }
    };
    call.app.accounts.note(&call.connected, None).await;
    let next = listing.place(&batch, batch.ends.len()).map(|place| call.seal(&place)).transpose()?;
    let (requests, _) = listing.session().counts();
    crate::telemetry::listed(listing.completeness(), requests, batch.ends.len() as u64);
    let mut response = match page {
        Some(page) => {
            let mut response = Response::new(Body::from(page.body));
            let content_type = page.headers.get(header::CONTENT_TYPE).cloned();
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                content_type.unwrap_or_else(|| HeaderValue::from_static("application/octet-stream")),
            );
            // A provider's HTML must not become a page of ours.
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
            response
        }
        None => Response::new(Body::empty()),
    };
    let headers = response.headers_mut();
    completeness_headers(headers, listing.completeness(), requests, batch.ends.len());
    rate_headers(headers, listing.session().rate());
    if let Some(cursor) = next {
        let separator = if call.link.contains('?') { '&' } else { '?' };
        put(headers, "link", &format!("<{}{separator}next_cursor={cursor}>; rel=\"next\"", call.link));
        put(headers, "rollcall-next-cursor", &cursor);
    }
    Ok(response)
}
