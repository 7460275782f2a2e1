//! Every bound of the engine, in one place.

use std::time::Duration;

/// Bounds of one call.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest provider answer, in bytes.
    pub page_bytes_max: usize,
    /// Pages of one walk.
    pub pages_max: u64,
    /// Parents of one fan-out.
    pub parents_max: usize,
    /// Keys of one lookup.
    pub lookup_keys_max: usize,
    /// Records that may be held in memory: for local sorting and for uniting people of several parents.
    pub held_records_max: usize,
    /// Bytes of those records.
    pub held_bytes_max: usize,
    /// One exchange.
    pub request_timeout: Duration,
    /// Tries of one request, the first included.
    pub attempts_max: u32,
    /// The longest wait that a provider can ask for and get.
    pub wait_max: Duration,
    /// The whole call, waits included.
    pub call_timeout: Duration,
    /// Redirects of one request.
    pub redirects_max: u32,
    /// Calls under way at once when the connector does not say.
    pub concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_bytes_max: 64 * 1024 * 1024,
            pages_max: 1_000_000,
            parents_max: 100_000,
            lookup_keys_max: 1_000_000,
            held_records_max: 1_000_000,
            held_bytes_max: 1024 * 1024 * 1024,
            request_timeout: Duration::from_secs(60),
            attempts_max: 5,
            wait_max: Duration::from_secs(300),
            call_timeout: Duration::from_secs(12 * 3600),
            redirects_max: 3,
            concurrency: 4,
        }
    }
}
