//! Which ids were seen. 16 bytes of a keyed hash per record, in many small sorted lists: a million records cost about 20 MB and growing
//! never copies more than one list.

use std::hash::{BuildHasher, RandomState};

/// How many lists: enough that an insertion into one moves little.
const SHARDS: usize = 4096;

/// The ids seen so far.
#[derive(Debug)]
pub struct Seen {
    shards: Vec<Vec<u128>>,
    keys: RandomState,
    multiplier: u64,
}

impl Default for Seen {
    fn default() -> Self {
        let keys = RandomState::new();
        let multiplier = keys.hash_one(0_u8) | 1;
        Self { shards: vec![Vec::new(); SHARDS], keys, multiplier }
    }
}

impl Seen {
    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| size_of::<Vec<u128>>() + shard.capacity() * size_of::<u128>()).sum()
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
        let hash = (u128::from(high) << 64) | u128::from(low);
        let index = usize::try_from(high >> 52).unwrap_or(0);
        let Some(shard) = self.shards.get_mut(index) else { return Insertion { fresh: true, hash: high } };
        let fresh = match shard.binary_search(&hash) {
            Ok(_) => false,
            Err(at) => {
                if shard.len() == shard.capacity() {
                    // Grow by a quarter: doubling would waste half of the memory.
                    shard.reserve_exact((shard.len() / 4).max(8));
                }
                shard.insert(at, hash);
                true
            }
        };
        Insertion { fresh, hash: high }
    }
}
