//! What was read lately, small enough to be carried from one call to the next: digests of ids, and of the last page.

/// How many ids are remembered across calls. People who are added in front of the list move it on by one each: so many may come in between.
const RECENT_MAX: usize = 256;

/// Bytes of a digest: with 256 of them, one id in a million million is taken for another.
const DIGEST_BYTES: usize = 6;

/// Digests of the ids read last.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    key: u64,
    recent: Vec<u64>,
    /// Of the last page's ids in their order.
    last_page: Option<u64>,
}

impl Trail {
    /// Nothing yet. The key is not secret: it keeps ids of one list from being chosen for their digests.
    pub fn new(key: u64) -> Self {
        Self { key, recent: Vec::new(), last_page: None }
    }

    pub fn key(&self) -> u64 {
        self.key
    }

    pub fn last_page(&self) -> Option<u64> {
        self.last_page
    }

    /// The digest of an id.
    pub fn digest(&self, id: &str) -> u64 {
        let mut hash = self.key ^ 0x9e37_79b9_7f4a_7c15;
        for byte in id.as_bytes() {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(29);
        }
        // The last bytes must reach the low bits too.
        hash ^= hash >> 32;
        hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        hash ^= hash >> 29;
        hash & ((1 << (8 * DIGEST_BYTES)) - 1)
    }

    /// Whether an id was read lately.
    pub fn holds(&self, digest: u64) -> bool {
        self.recent.contains(&digest)
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.recent.len()
    }

    /// Takes note of a page's ids.
    pub fn extend(&mut self, digests: &[u64]) {
        self.recent.extend_from_slice(digests);
        let excess = self.recent.len().saturating_sub(RECENT_MAX);
        self.recent.drain(..excess);
    }

    /// Ends a page; false when it was the same as the one before.
    pub fn end_page(&mut self, digests: &[u64]) -> bool {
        if digests.is_empty() {
            return true;
        }
        let page = digests
            .iter()
            .fold(self.key, |hash, digest| (hash ^ digest).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31));
        let fresh = self.last_page != Some(page);
        self.last_page = Some(page);
        fresh
    }

    /// The digests as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.recent.iter().flat_map(|digest| digest.to_le_bytes().into_iter().take(DIGEST_BYTES)).collect()
    }

    /// What `to_bytes` gave.
    pub fn from_bytes(key: u64, last_page: Option<u64>, bytes: &[u8]) -> Option<Self> {
        if !bytes.len().is_multiple_of(DIGEST_BYTES) || bytes.len() > RECENT_MAX * DIGEST_BYTES {
            return None;
        }
        let recent = bytes
            .chunks_exact(DIGEST_BYTES)
            .map(|chunk| chunk.iter().rev().fold(0, |digest, byte| (digest << 8) | u64::from(*byte)))
            .collect();
        Some(Self { key, recent, last_page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_give_the_same_trail() {
        let mut trail = Trail::new(7);
        let digests: Vec<u64> = (0..300).map(|n| trail.digest(&format!("user-{n}"))).collect();
        trail.extend(&digests);
        let again = Trail::from_bytes(7, None, &trail.to_bytes()).unwrap();
        assert_eq!(again.len(), RECENT_MAX);
        assert!(!again.holds(digests[43]) && again.holds(digests[44]) && again.holds(digests[299]));
        assert!(Trail::from_bytes(7, None, &[0; 5]).is_none());
        assert!(Trail::from_bytes(7, None, &vec![0; (RECENT_MAX + 1) * DIGEST_BYTES]).is_none());
    }

    #[test]
    fn digests_of_many_ids_differ() {
        let trail = Trail::new(12345);
        let mut seen = std::collections::HashSet::new();
        for n in 0..200_000_u32 {
            assert!(seen.insert(trail.digest(&n.to_string())), "{n}");
            assert!(seen.insert(trail.digest(&format!("00u{n:017}"))), "{n}");
        }
    }

    #[test]
    fn a_page_that_comes_again_is_told() {
        let mut trail = Trail::new(1);
        assert!(trail.end_page(&[1, 2, 3]));
        assert!(trail.end_page(&[1, 3, 2]));
        assert!(!trail.end_page(&[1, 3, 2]));
        assert!(trail.end_page(&[]));
    }
}
