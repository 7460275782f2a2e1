//! Which ids were seen. Few are kept as one sorted list of 8 bytes of a keyed hash, many as 7 bytes in many small sorted lists: a million
//! records cost 8 MB, and a listing of a page 4 KB. There are more lists as there are more ids, so that an insertion moves little and growing
//! copies a small part.

use std::hash::{BuildHasher, RandomState};

/// Ids that stay in one list.
const FEW: usize = 1024;
/// Bytes of a hash that are kept of many. The other one is the list's own number.
const KEPT: usize = 7;
/// Bits that the number of lists begins with: what is kept must tell the rest.
const BITS_FIRST: u32 = 8;
/// Bits by which the lists are split when they are long.
const BITS_STEP: u32 = 4;
const BITS_MAX: u32 = 20;
/// Ids in a list, on the average, before it is split.
const LONG: usize = 256;

type Kept = [u8; KEPT];

/// The ids seen so far.
#[derive(Debug, Default)]
pub struct Seen {
    few: Vec<u64>,
    many: Option<Many>,
    keys: RandomState,
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
    /// Remembers an id. Two ids are taken for one when the 64 bits of their keyed SipHash agree: in one of 30 million lists of a million
    /// people, and nobody who chose ids could make it happen more often.
    pub fn insert(&mut self, id: &[u8]) -> Insertion {
        let hash = self.keys.hash_one(id);
        if self.few.len() == FEW {
            self.many = Some(Many::of(&std::mem::take(&mut self.few)));
        }
        if let Some(many) = &mut self.many {
            return Insertion { fresh: many.insert(hash), hash };
        }
        let fresh = match search(&self.few, hash, hash, |kept| *kept) {
            Ok(_) => false,
            Err(at) => {
                self.few.insert(at, hash);
                true
            }
        };
        Insertion { fresh, hash }
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.few.capacity() * size_of::<u64>() + self.many.as_ref().map_or(0, Many::bytes)
    }
}

/// More ids than stay in one list.
#[derive(Debug)]
struct Many {
    lists: Vec<Vec<Kept>>,
    bits: u32,
    count: usize,
}

impl Many {
    fn of(hashes: &[u64]) -> Self {
        let mut many = Self { lists: vec![Vec::new(); 1 << BITS_FIRST], bits: BITS_FIRST, count: 0 };
        for hash in hashes {
            many.insert(*hash);
        }
        many
    }

    /// Whether it was not there before.
    fn insert(&mut self, hash: u64) -> bool {
        if self.count >> self.bits > LONG && self.bits < BITS_MAX {
            self.split();
        }
        let Some(list) = self.lists.get_mut(number(hash, self.bits)) else { return true };
        let kept = kept(hash);
        let Err(at) = search(list, whole(0, &kept), hash << self.bits, |kept| whole(0, kept)) else { return false };
        if list.len() == list.capacity() {
            // By an eighth: doubling would waste half of the memory.
            list.reserve_exact((list.len() / 8).max(4));
        }
        list.insert(at, kept);
        self.count += 1;
        true
    }

    fn bytes(&self) -> usize {
        self.lists.iter().map(|list| size_of::<Vec<Kept>>() + list.capacity() * KEPT).sum()
    }

    /// Makes more lists of each; one at a time, so that little is there twice.
    fn split(&mut self) {
        let bits = self.bits + BITS_STEP;
        let mut lists = Vec::with_capacity(1 << bits);
        for (index, list) in std::mem::take(&mut self.lists).into_iter().enumerate() {
            let first = (index as u64) >> (self.bits - BITS_FIRST);
            let mut rest = list.as_slice();
            for part in 0..(1_usize << BITS_STEP) {
                let wanted = (index << BITS_STEP) | part;
                // A list is sorted by the whole hash, whose first bits all in it share.
                let end = rest.partition_point(|kept| number(whole(first, kept), bits) <= wanted);
                let (own, others) = rest.split_at(end);
                lists.push(own.to_vec());
                rest = others;
            }
        }
        self.lists = lists;
        self.bits = bits;
    }
}

/// Finds a number in a sorted list, or its place there. Hashes lie evenly, so that one is found a few steps from where it should be: `part` of
/// 2^64 through the list.
fn search<T>(list: &[T], wanted: u64, part: u64, number: impl Fn(&T) -> u64) -> Result<usize, usize> {
    let guess = (u128::from(part) * list.len() as u128) >> u64::BITS;
    let (before, after) = list.split_at(usize::try_from(guess).unwrap_or(0).min(list.len()));
    let above = before.iter().rev().take_while(|other| number(other) >= wanted).count();
    let at = match above {
        0 => before.len() + after.iter().take_while(|other| number(other) < wanted).count(),
        above => before.len() - above,
    };
    if list.get(at).is_some_and(|found| number(found) == wanted) { Ok(at) } else { Err(at) }
}

/// The number of the list of a hash: its first bits.
fn number(hash: u64, bits: u32) -> usize {
    usize::try_from(hash >> (u64::BITS - bits)).unwrap_or(0)
}

fn kept(hash: u64) -> Kept {
    let [_, a, b, c, d, e, f, g] = hash.to_be_bytes();
    [a, b, c, d, e, f, g]
}

fn whole(first: u64, kept: &Kept) -> u64 {
    let [a, b, c, d, e, f, g] = *kept;
    (first << (KEPT * 8)) | u64::from_be_bytes([0, a, b, c, d, e, f, g])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> String {
        format!("00u{number:x}")
    }

    #[test]
    fn an_id_is_fresh_once() {
        let mut seen = Seen::default();
        for number in 0..200_000 {
            assert!(seen.insert(id(number).as_bytes()).fresh, "{number}");
            assert!(!seen.insert(id(number / 2).as_bytes()).fresh, "{number}");
        }
        assert!((0..200_000).all(|number| !seen.insert(id(number).as_bytes()).fresh));
        assert!(seen.insert(b"").fresh && !seen.insert(b"").fresh);
    }

    #[test]
    fn an_id_is_found_wherever_it_stands_in_its_list() {
        let spread = |step: u64| (0..200_u64).map(move |number| number * step);
        // Evenly, all at the beginning, all at the end.
        let numbers: [Vec<u64>; 3] = [
            spread(1 << 47).collect(),
            spread(1).collect(),
            spread(1).map(|number| (1 << 56) - 1 - number).rev().collect(),
        ];
        for numbers in numbers {
            let list: Vec<Kept> = numbers.iter().map(|number| kept(*number)).collect();
            for at in 0..=list.len() {
                let (before, from) = list.split_at(at);
                let Some((wanted, after)) = from.split_first() else { continue };
                let without = [before, after].concat();
                let find = |list: &[Kept]| search(list, whole(0, wanted), whole(0, wanted) << 8, |kept| whole(0, kept));
                assert_eq!(find(&list), Ok(at));
                assert_eq!(find(&without), Err(at));
                assert_eq!(find(&[]), Err(0));
            }
        }
    }

    #[test]
    fn lists_are_split_and_stay_sorted_and_small() {
        let mut seen = Seen::default();
        assert!(seen.bytes() < 8 * 1024, "{}", seen.bytes());
        for number in 0..200_000 {
            seen.insert(id(number).as_bytes());
        }
        let many = seen.many.as_ref().unwrap();
        assert_eq!((many.bits, many.count), (BITS_FIRST + BITS_STEP, 200_000));
        assert!(many.lists.iter().all(|list| list.is_sorted()));
        assert!(seen.bytes() < 200_000 * 10, "{}", seen.bytes());
    }
}
