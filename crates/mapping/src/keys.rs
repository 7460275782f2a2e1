//! A small hash table from names to numbers, made once and read for every member of every record.

/// Names and what they stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// 1-based places in `names`, probed linearly; 0 is free. Its length is a power of two, more than the number of names.
    table: Box<[u16]>,
    names: Box<[(Box<[u8]>, u32)]>,
    seed: u64,
    shift: u32,
}

impl Keys {
    /// Later entries with a name that was given before are ignored.
    pub(crate) fn new(entries: impl IntoIterator<Item = (Vec<u8>, u32)>) -> Self {
        let mut names: Vec<(Box<[u8]>, u32)> = Vec::new();
        for (name, value) in entries {
            if names.len() < usize::from(u16::MAX) && !names.iter().any(|(known, _)| **known == *name) {
                names.push((name.into_boxed_slice(), value));
            }
        }
        if names.is_empty() {
            return Self::default();
        }
        let size = (names.len() * 3).next_power_of_two().max(4);
        let mut best: Option<(usize, Self)> = None;
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        // A seed without collisions makes each look-up a single comparison; sixty-four tries find one for any usual record.
        for _ in 0..64 {
            let mut keys = Self { table: vec![0; size].into(), names: Box::default(), seed, shift: 64 - size.ilog2() };
            let mut collisions = 0;
            for (place, (name, _)) in names.iter().enumerate() {
                let mut at = keys.hash(name);
                while keys.table.get(at).is_some_and(|&used| used != 0) {
                    at = (at + 1) & (size - 1);
                    collisions += 1;
                }
                if let Some(entry) = keys.table.get_mut(at) {
                    *entry = u16::try_from(place + 1).unwrap_or_default();
                }
            }
            if best.as_ref().is_none_or(|(fewest, _)| collisions < *fewest) {
                best = Some((collisions, keys));
            }
            if collisions == 0 {
                break;
            }
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F) | 1;
        }
        let mut keys = best.map(|(_, keys)| keys).unwrap_or_default();
        keys.names = names.into_boxed_slice();
        keys
    }

    /// What `name` stands for.
    #[inline]
    pub(crate) fn get(&self, name: &[u8]) -> Option<u32> {
        if self.names.is_empty() {
            return None;
        }
        let mask = self.table.len() - 1;
        let mut at = self.hash(name);
        loop {
            let place = usize::from(*self.table.get(at & mask)?);
            let (known, value) = self.names.get(place.wrapping_sub(1))?;
            if **known == *name {
                return Some(*value);
            }
            at += 1;
        }
    }

    #[inline]
    fn hash(&self, name: &[u8]) -> usize {
        let length = name.len();
        let (head, tail) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
            _ => match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
                (Some(head), Some(tail)) => {
                    (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)))
                }
                _ => match name {
                    [first, .., last] => (u64::from(*first), u64::from(*last)),
                    [only] => (u64::from(*only), 0),
                    [] => (0, 0),
                },
            },
        };
        let mixed = (head ^ tail.rotate_left(21) ^ ((length as u64) << 56)).wrapping_mul(self.seed);
        (mixed >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn finds_what_it_was_given_and_nothing_else() {
        let names: Vec<String> = (0..300).map(|n| format!("member_{}_{n}", "x".repeat(n % 17))).collect();
        let keys = Keys::new(names.iter().zip(0..).map(|(name, n)| (name.clone().into_bytes(), n)));
        for (name, n) in names.iter().zip(0..) {
            assert_eq!(keys.get(name.as_bytes()), Some(n));
            assert_eq!(keys.get(format!("{name}!").as_bytes()), None);
        }
        assert_eq!(keys.get(b""), None);
        assert_eq!(Keys::default().get(b"a"), None);
    }

    #[test]
    fn names_that_hash_alike_are_told_apart() {
        // Same length, same ends: only the middle differs, which the hash does not read.
        let names: Vec<String> = (0..50).map(|n| format!("aaaaaaaa{n:04}bbbbbbbb")).collect();
        let keys = Keys::new(names.iter().zip(0..).map(|(name, n)| (name.clone().into_bytes(), n)));
        for (name, n) in names.iter().zip(0..) {
            assert_eq!(keys.get(name.as_bytes()), Some(n));
        }
        assert_eq!(keys.get(b"aaaaaaaa0099bbbbbbbb"), None);
    }
}
