//! Headers of an answer that touched a provider.

use http::{HeaderMap, HeaderName, HeaderValue};
use rollcall_engine::{Completeness, RateSeen};

/// Which filters and sorts were applied where, and how complete the answer is.
pub fn completeness_headers(headers: &mut HeaderMap, done: &Completeness, returned: usize) {
    let filters: Vec<String> = done.filters.iter().map(|(name, place)| format!("{name}={place}")).collect();
    put(headers, "rollcall-filter", &filters.join(", "));
    put(headers, "rollcall-sort", done.sort.as_deref().unwrap_or_default());
    let partial = if done.missing.is_empty() { "whole" } else { "partial" };
    put(
        headers,
        "rollcall-completeness",
        &format!(
            "{partial}; returned={returned}; received={}; repeated={}; filtered={}; pages={}; requests={}",
            done.received, done.repeated, done.filtered, done.pages, done.requests
        ),
    );
}

/// What the provider said of its rate limit.
pub fn rate_headers(headers: &mut HeaderMap, rate: Option<RateSeen>) {
    let Some(rate) = rate else { return };
    for (name, value) in [
        ("ratelimit-limit", rate.limit),
        ("ratelimit-remaining", rate.remaining),
        ("ratelimit-reset", rate.reset.map(|reset| reset.as_secs())),
    ] {
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

/// A header whose value may be empty: then there is none.
pub fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if value.is_empty() {
        return;
    }
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
