//! Which ids were seen. 16 bytes of a keyed hash per record, in open hash tables that are filled to between a half and four fifths: a
//! million records cost 20 to 30 MB. There are many tables, so that growing copies a small part. A byte of each hash lies apart: these
//! bytes stay near the processor, and for an id that is new nothing else is read.

use std::hash::{BuildHasher, RandomState};

/// How many tables; a power of two.
const SHARDS: usize = 64;

/// The ids seen so far.
#[derive(Debug)]
pub struct Seen {
    shards: Vec<Shard>,
    keys: RandomState,
    multiplier: u64,
}

/// A table, probed linearly.
#[derive(Clone, Debug, Default)]
struct Shard {
    /// For each entry a byte of its hash; 0 where it is free.
    tags: Vec<u8>,
    entries: Vec<u128>,
    used: usize,
}

impl Default for Seen {
    fn default() -> Self {
        let keys = RandomState::new();
        let multiplier = keys.hash_one(0_u8) | 1;
        Self { shards: vec![Shard::default(); SHARDS], keys, multiplier }
    }
}

impl Seen {
    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| size_of::<Shard>() + shard.entries.capacity() * size_of::<u128>()).sum()
    }
}

/// What became of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// It was not there before.
    pub fresh: bool,
    /// Its hash, for the fingerprint of a page.
    pub hash: u64,
}

impl Seen {
    /// Remembers an id. Two ids are taken for one only when a keyed SipHash and a keyed polynomial of their bytes agree: 128 bits, of which a
    /// provider that chose its ids on purpose could not steer the first 64.
    pub fn insert(&mut self, id: &[u8]) -> Insertion {
        let high = self.keys.hash_one(id);
        let low = id.iter().fold(self.multiplier, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(self.multiplier).rotate_left(23)
        });
        let index = usize::try_from(high).unwrap_or(0) % SHARDS;
        let Some(shard) = self.shards.get_mut(index) else { return Insertion { fresh: true, hash: high } };
        let fresh = shard.insert(u128::from(high) << 64 | u128::from(low));
        Insertion { fresh, hash: high }
    }
}

impl Shard {
    /// Whether it was not there.
    fn insert(&mut self, hash: u128) -> bool {
        if self.used * 5 >= self.entries.len() * 4 {
            self.grow();
        }
        let tag = (hash as u8).max(1);
        let mut at = self.place(hash);
        loop {
            match self.tags.get_mut(at) {
                Some(free) if *free == 0 => {
                    *free = tag;
                    if let Some(entry) = self.entries.get_mut(at) {
                        *entry = hash;
                    }
                    self.used += 1;
                    return true;
                }
                Some(known) if *known == tag && self.entries.get(at) == Some(&hash) => return false,
                Some(_) => at += 1,
                None => at = 0,
            }
        }
    }

    /// Where it would stand if nothing were in its way: the first 64 bits as a fraction of the table.
    fn place(&self, hash: u128) -> usize {
        let place = (hash >> 64) * self.entries.len() as u128;
        (place >> 64) as usize
    }

    /// Half as much again: doubling would waste more memory.
    fn grow(&mut self) {
        let size = (self.entries.len() + self.entries.len() / 2).max(16);
        let tags = std::mem::replace(&mut self.tags, vec![0; size]);
        let entries = std::mem::replace(&mut self.entries, vec![0; size]);
        self.used = 0;
        for (_, hash) in tags.into_iter().zip(entries).filter(|(tag, _)| *tag != 0) {
            self.insert(hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn an_id_is_fresh_once() {
        let mut seen = Seen::default();
        let id = |number: u32| format!("00u{number:x}");
        for number in 0..50_000 {
            assert!(seen.insert(id(number).as_bytes()).fresh, "{number}");
            let earlier = seen.insert(id(number / 2).as_bytes());
            assert!(!earlier.fresh, "{number}");
        }
        assert!((0..50_000).all(|number| !seen.insert(id(number).as_bytes()).fresh));
        let held: usize = seen.shards.iter().map(|shard| shard.entries.len()).sum();
        assert!((62_500..105_000).contains(&held), "{held} entries for 50,000 ids");
        assert!(seen.insert(b"").fresh && !seen.insert(b"").fresh);
    }
}
