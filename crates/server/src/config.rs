//! What the operator decides about a server.

use std::time::Duration;

/// Settings of a server; every bound is here.
#[derive(Clone, Debug)]
pub struct Config {
    /// What callers reach this server by, without a slash at the end: links and OAuth redirects start with it.
    pub public_url: String,
    /// Hosts that accounts may name although their addresses are private, such as a GitLab in the own network.
    pub private_hosts: Vec<String>,
    /// How long a cursor can be used.
    pub cursor_lifetime: Duration,
    /// How long a caller of a page waits, the provider's pauses included.
    pub page_patience: Duration,
    /// The longest pause of a provider that is waited for inside a page; longer ones are passed on as a 429.
    pub pause_max: Duration,
    /// How long a stream may take.
    pub stream_patience: Duration,
    /// One exchange with a provider.
    pub exchange_timeout: Duration,
    /// Requests per second of one token, and as many at once.
    pub requests_per_second: u32,
    pub requests_burst: u32,
    /// The largest body that is read.
    pub body_bytes_max: usize,
    /// How long what is known of a token or account is believed before the store is asked again: so long may another node's revocation take.
    pub memory: Duration,
    /// Records of one list that may be held until its end, to be sorted or united here, and their bytes; longer lists are refused.
    pub held_records_max: usize,
    pub held_bytes_max: usize,
    /// Bytes of records that may wait for the next page of their list.
    pub parked_bytes_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            private_hosts: Vec::new(),
            cursor_lifetime: Duration::from_secs(24 * 3600),
            page_patience: Duration::from_secs(120),
            pause_max: Duration::from_secs(30),
            stream_patience: Duration::from_secs(12 * 3600),
            exchange_timeout: Duration::from_secs(60),
            requests_per_second: 100,
            requests_burst: 200,
            body_bytes_max: 1024 * 1024,
            memory: Duration::from_secs(1),
            held_records_max: 1_000_000,
            held_bytes_max: 1024 * 1024 * 1024,
            parked_bytes_max: 32 * 1024 * 1024,
        }
    }
}
