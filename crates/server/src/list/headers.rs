//! Headers of an answer that touched a provider.

use http::{HeaderMap, HeaderName, HeaderValue};
use rollcall_engine::{Completeness, RateSeen};

/// Which filters and sorts were applied where, and how complete the answer is.
pub fn completeness_headers(headers: &mut HeaderMap, done: &Completeness, requests: u64, returned: usize) {
    filter_headers(headers, done);
    let partial = if done.missing.is_empty() { "whole" } else { "partial" };
    put(
        headers,
        "rollcall-completeness",
        &format!(
            "{partial}; returned={returned}; received={}; repeated={}; filtered={}; pages={}; requests={}",
            done.received, done.repeated, done.filtered, done.pages, requests
        ),
    );
}

/// Where filters and sorts were applied.
pub fn filter_headers(headers: &mut HeaderMap, done: &Completeness) {
    put(headers, "rollcall-filter", &places(done));
    put(headers, "rollcall-sort", done.sort.as_deref().unwrap_or_default());
}

/// Filters by the name of their parameter, with the place where they were applied: of two on one field, `local` is what counts.
fn places(done: &Completeness) -> String {
    let mut places: Vec<(&str, &str)> = Vec::new();
    for (name, place) in &done.filters {
        let name = name.split('.').next().unwrap_or(name);
        match places.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if place == "local" => *known = place,
            Some(_) => {}
            None => places.push((name, place)),
        }
    }
    places.iter().map(|(name, place)| format!("{name}={place}")).collect::<Vec<_>>().join(", ")
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
