//! How often what is filled in with one link is tried. Each try is a call to a provider, with whatever the holder of the link typed.

use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::StatusCode;

use crate::error::ApiError;

/// More than somebody types, less than a guesser wants.
const A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// Links that are remembered before those that were not used lately are forgotten.
const REMEMBERED: usize = 10_000;

/// Tries by link.
pub struct Tries(DefaultKeyedRateLimiter<String>);

impl Default for Tries {
    fn default() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(A_MINUTE)))
    }
}

impl Tries {
    /// One more try with a link.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn another(&self, link: &str) -> Result<(), ApiError> {
        if self.0.len() > REMEMBERED {
            self.0.retain_recent();
        }
        self.0.check_key(&link.to_owned()).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let mut error = ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "this link was tried too often; wait a minute and try again",
            );
            error.retry_after = Some(wait.as_secs().max(1));
            error
        })
    }
}
