//! Waiting for something that happens elsewhere, with an end.

use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_secs(60);

/// Until a condition holds; fails when it does not in time.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < LONGEST, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
