//! Which ids were seen. 16 bytes of a keyed hash per record, in many small sorted lists: a million records cost about 20 MB and growing
//! never copies more than one list.

use std::hash::{BuildHasher, RandomState};

/// How many lists: enough that an insertion into one moves little.
const SHARDS: usize = 4096;

/// The ids seen so far.
#[derive(Debug)]
pub struct Seen {
    shards: Vec<Vec<u128>>,
    keys: (RandomState, RandomState),
}

impl Default for Seen {
    fn default() -> Self {
        Self { shards: vec![Vec::new(); SHARDS], keys: (RandomState::new(), RandomState::new()) }
    }
}

impl Seen {
    /// Remembers an id; false when it was there already. Two ids are taken for one with a probability below 1 in 10^26 for a million ids.
    pub fn insert(&mut self, id: &[u8]) -> bool {
        let high = self.keys.0.hash_one(id);
        let low = self.keys.1.hash_one(id);
        let hash = (u128::from(high) << 64) | u128::from(low);
        let index = usize::try_from(high >> 52).unwrap_or(0);
        let Some(shard) = self.shards.get_mut(index) else { return true };
        match shard.binary_search(&hash) {
            Ok(_) => false,
            Err(at) => {
                if shard.len() == shard.capacity() {
                    // Grow by an eighth: doubling would waste half of the memory.
                    shard.reserve_exact((shard.len() / 8).max(8));
                }
                shard.insert(at, hash);
                true
            }
        }
    }
}
