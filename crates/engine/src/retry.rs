//! How long to wait before the next try.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use jiff::fmt::rfc2822;

/// The `Retry-After` header: seconds (decimals too) or an HTTP date. Anything else is as if it were absent; a past date is no wait.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    seconds(text).or_else(|| until_http_date(text, now))
}

/// A number of seconds, decimals allowed; negative or absurd values are none.
#[must_use]
pub fn seconds(text: &str) -> Option<Duration> {
    let value: f64 = text.parse().ok()?;
    (value.is_finite() && (0.0..=31_536_000.0).contains(&value)).then(|| Duration::from_secs_f64(value))
}

/// The time until an HTTP date.
#[must_use]
pub fn until_http_date(text: &str, now: SystemTime) -> Option<Duration> {
    let zoned = rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned(text).ok()?;
    Some(until(SystemTime::from(zoned.timestamp()), now))
}

/// The time until a moment, zero when it is past.
#[must_use]
pub fn until(moment: SystemTime, now: SystemTime) -> Duration {
    moment.duration_since(now).unwrap_or_default()
}

/// Exponential backoff: 0.5 s, 1 s, 2 s, … at most 30 s, less up to a quarter by `jitter` (0 to 1).
#[must_use]
pub fn backoff(attempt: u32, jitter: f64) -> Duration {
    let full = 0.5 * f64::from(2_u32.saturating_pow(attempt.saturating_sub(1).min(10)));
    Duration::from_secs_f64(full.min(30.0) * (1.0 - 0.25 * jitter.clamp(0.0, 1.0)))
}
