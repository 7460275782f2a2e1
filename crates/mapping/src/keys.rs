//! A small hash table from names to numbers, made once and read for every member of every record.

/// Names and what they stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// Probed linearly. Its length is a power of two and at least twice the number of names, so that a free entry is always met.
    table: Box<[Entry]>,
    /// The names, for those that are too long to be told by their ends.
    names: Box<[Box<[u8]>]>,
    seed: u64,
    shift: u32,
}

/// A name by its ends, which are all of it up to sixteen bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    head: u64,
    tail: u64,
    /// One more than the length; 0 in a free entry.
    length: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    ends: Ends,
    value: u32,
    /// Its place among the names.
    name: u32,
}

impl Ends {
    #[inline(always)]
    fn of(name: &[u8]) -> Self {
        let (head, tail) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
            _ => match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
                (Some(head), Some(tail)) => {
                    (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)))
                }
                _ => match name {
                    [] => (0, 0),
                    [only] => (u64::from(*only), 0),
                    [first, last] => (u64::from(*first), u64::from(*last)),
                    [first, middle, .., last] => (u64::from(*first) | u64::from(*middle) << 8, u64::from(*last)),
                },
            },
        };
        Self { head, tail, length: (name.len() as u32).wrapping_add(1) }
    }

    #[inline(always)]
    fn hash(&self, seed: u64, shift: u32) -> usize {
        let mixed = (self.head ^ self.tail.rotate_left(21) ^ (u64::from(self.length) << 56)).wrapping_mul(seed);
        (mixed >> shift) as usize
    }
}

impl Keys {
    /// Later entries with a name that was given before are ignored.
    pub(crate) fn new(entries: impl IntoIterator<Item = (Vec<u8>, u32)>) -> Self {
        let mut names: Vec<(Vec<u8>, u32)> = Vec::new();
        for (name, value) in entries {
            if name.len() < u32::MAX as usize && !names.iter().any(|(known, _)| *known == name) {
                names.push((name, value));
            }
        }
        if names.is_empty() {
            return Self::default();
        }
        let size = (names.len() * 2).next_power_of_two().max(4);
        let mut best: Option<(usize, Self)> = None;
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        // With few collisions a look-up is a single comparison.
        for _ in 0..256 {
            let mut keys = Self {
                table: vec![Entry::default(); size].into(),
                names: Box::default(),
                seed,
                shift: 64 - size.ilog2(),
            };
            let collisions = keys.fill(&names);
            if best.as_ref().is_none_or(|(fewest, _)| collisions < *fewest) {
                best = Some((collisions, keys));
            }
            if collisions == 0 {
                break;
            }
            seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F) | 1;
        }
        let mut keys = best.map(|(_, keys)| keys).unwrap_or_default();
        keys.names = names.into_iter().map(|(name, _)| name.into_boxed_slice()).collect();
        keys
    }

    /// Puts the names into the table; how many did not find their own place free.
    fn fill(&mut self, names: &[(Vec<u8>, u32)]) -> usize {
        let mut collisions = 0;
        for (place, (name, value)) in names.iter().enumerate() {
            let ends = Ends::of(name);
            let mut at = ends.hash(self.seed, self.shift);
            while self.table.get(at).is_some_and(|entry| entry.ends.length != 0) {
                at = (at + 1) & (self.table.len() - 1);
                collisions += 1;
            }
            if let Some(entry) = self.table.get_mut(at) {
                *entry = Entry { ends, value: *value, name: place as u32 };
            }
        }
        collisions
    }

    /// What `name` stands for.
    #[inline(always)]
    pub(crate) fn get(&self, name: &[u8]) -> Option<u32> {
        let ends = Ends::of(name);
        let mut at = ends.hash(self.seed, self.shift);
        loop {
            let entry = self.table.get(at)?;
            if entry.ends == ends && (name.len() <= 16 || self.is_named(entry, name)) {
                return Some(entry.value);
            }
            if entry.ends.length == 0 {
                return None;
            }
            at = (at + 1) & (self.table.len() - 1);
        }
    }

    #[inline(never)]
    fn is_named(&self, entry: &Entry, name: &[u8]) -> bool {
        self.names.get(entry.name as usize).is_some_and(|known| **known == *name)
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
