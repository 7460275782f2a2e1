//! Listings that wait for the call for their next page. A cursor alone is enough to go on; what waits here only saves reading a provider's
//! page again, and with it the calls.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use moka::sync::Cache;
use rollcall_engine::{Batch, Listing};

/// A listing that nobody goes on with is let go.
const WAIT: Duration = Duration::from_secs(60);
/// What a listing costs beside its records.
const LISTING_BYTES: usize = 64 * 1024;

/// A listing between two pages.
pub struct Waiting {
    pub listing: Listing,
    /// The provider page that was cut, and how many of its records were given.
    pub batch: Batch,
    pub taken: usize,
}

/// A listing is taken by the one who comes first.
type Slot = Arc<Mutex<Option<Box<Waiting>>>>;

/// Listings by their cursor and how their records are written.
pub struct Parked {
    waiting: Cache<[u8; 32], (u32, Slot)>,
    bytes_max: u64,
}

impl Parked {
    pub fn new(bytes_max: u64) -> Self {
        let waiting =
            Cache::builder().max_capacity(bytes_max).time_to_live(WAIT).weigher(|_, (bytes, _)| *bytes).build();
        Self { waiting, bytes_max }
    }

    /// Keeps a listing for whoever comes with the cursor, and asks for records written alike.
    pub fn put(&self, name: &str, waiting: Waiting) {
        let bytes = LISTING_BYTES + waiting.batch.bytes.capacity() + waiting.listing.kept_bytes();
        let Ok(bytes) = u32::try_from(bytes) else { return };
        // One list must not push out all others.
        if u64::from(bytes) > self.bytes_max / 8 {
            return;
        }
        self.waiting.insert(key(name), (bytes, Arc::new(Mutex::new(Some(Box::new(waiting))))));
    }

    /// The listing of a cursor that was opened: who holds the cursor may go on.
    pub fn take(&self, name: &str) -> Option<Box<Waiting>> {
        let (_, slot) = self.waiting.remove(&key(name))?;
        slot.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn key(name: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, name.as_bytes()).as_ref());
    key
}
