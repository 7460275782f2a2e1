//! Listings that wait for the call for their next page. A cursor alone is enough to go on; what waits here only saves reading a provider's
//! page again, and with it the calls.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
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

/// Listings by their cursor and how their records are written.
pub struct Parked {
    line: Mutex<Line<Box<Waiting>>>,
    bytes_max: u64,
}

impl Parked {
    pub fn new(bytes_max: u64) -> Self {
        Self { line: Mutex::new(Line::new(bytes_max)), bytes_max }
    }

    /// Keeps a listing for whoever comes with the cursor, and asks for records written alike.
    pub fn put(&self, name: &str, waiting: Waiting) {
        let bytes = LISTING_BYTES + waiting.batch.bytes.capacity() + waiting.listing.kept_bytes();
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        // One list must not push out all others.
        if bytes > self.bytes_max / 8 {
            return;
        }
        let gone = self.locked(|line| line.put(key(name), Box::new(waiting), bytes, Instant::now()));
        drop(gone);
    }

    /// The listing of a cursor that was opened: who holds the cursor may go on, and of several the one who comes first.
    pub fn take(&self, name: &str) -> Option<Box<Waiting>> {
        self.locked(|line| line.take(&key(name), Instant::now()))
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Line<Box<Waiting>>) -> T) -> T {
        work(&mut self.line.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Key = [u8; 32];

fn key(name: &str) -> Key {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, name.as_bytes()).as_ref());
    key
}

/// Things that wait in the order in which they came; the oldest go when there are too many. A cache would weigh whether a newcomer is worth
/// keeping, by how often it was asked for: here each is asked for once.
struct Line<T> {
    waiting: HashMap<Key, Entry<T>>,
    order: VecDeque<(u64, Key)>,
    bytes: u64,
    bytes_max: u64,
    /// The number of the next one: a name may come again.
    next: u64,
}

struct Entry<T> {
    number: u64,
    since: Instant,
    bytes: u64,
    thing: T,
}

impl<T> Line<T> {
    fn new(bytes_max: u64) -> Self {
        Self { waiting: HashMap::new(), order: VecDeque::new(), bytes: 0, bytes_max, next: 0 }
    }

    /// Returns what had to go, to be dropped where nobody waits for it.
    fn put(&mut self, key: Key, thing: T, bytes: u64, now: Instant) -> Vec<T> {
        let mut gone: Vec<T> = self.remove(&key).map(|entry| entry.thing).into_iter().collect();
        let number = self.next;
        self.next += 1;
        self.bytes += bytes;
        self.waiting.insert(key, Entry { number, since: now, bytes, thing });
        self.order.push_back((number, key));
        while let Some((number, key)) = self.order.front().copied() {
            let entry = self.waiting.get(&key).filter(|entry| entry.number == number);
            if entry.is_some_and(|entry| self.bytes <= self.bytes_max && now.duration_since(entry.since) < WAIT) {
                break;
            }
            if entry.is_some() {
                gone.extend(self.remove(&key).map(|entry| entry.thing));
            }
            self.order.pop_front();
        }
        gone
    }

    fn take(&mut self, key: &Key, now: Instant) -> Option<T> {
        let entry = self.remove(key)?;
        (now.duration_since(entry.since) < WAIT).then_some(entry.thing)
    }

    fn remove(&mut self, key: &Key) -> Option<Entry<T>> {
        let entry = self.waiting.remove(key)?;
        self.bytes -= entry.bytes;
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_taken_once() {
        let (mut line, now) = (Line::new(10), Instant::now());
        assert!(line.put(key("a"), 1, 1, now).is_empty());
        assert_eq!(line.take(&key("a"), now), Some(1));
        assert_eq!(line.take(&key("a"), now), None);
        assert_eq!(line.bytes, 0);
    }

    #[test]
    fn the_oldest_make_room() {
        let (mut line, now) = (Line::new(10), Instant::now());
        line.put(key("a"), 1, 4, now);
        line.put(key("b"), 2, 4, now);
        assert_eq!(line.take(&key("a"), now), Some(1));
        assert!(line.put(key("c"), 3, 4, now).is_empty(), "what was taken takes no room");
        assert_eq!(line.put(key("d"), 4, 4, now), [2]);
        assert_eq!((line.take(&key("b"), now), line.take(&key("c"), now)), (None, Some(3)));
    }

    #[test]
    fn a_name_that_comes_again_is_the_newest() {
        let (mut line, now) = (Line::new(10), Instant::now());
        line.put(key("a"), 1, 4, now);
        line.put(key("b"), 2, 4, now);
        assert_eq!(line.put(key("a"), 3, 4, now), [1]);
        assert_eq!(line.put(key("c"), 4, 4, now), [2]);
        assert_eq!(line.take(&key("a"), now), Some(3));
    }

    #[test]
    fn nobody_waits_for_ever() {
        let (mut line, now) = (Line::new(10), Instant::now());
        line.put(key("a"), 1, 1, now);
        line.put(key("b"), 2, 1, now);
        assert_eq!(line.take(&key("a"), now + WAIT), None);
        assert_eq!(line.put(key("c"), 3, 1, now + WAIT), [2]);
        assert!(line.order.len() == 1 && line.waiting.len() == 1 && line.bytes == 1);
    }
}
