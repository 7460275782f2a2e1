//! Ids: UUIDs of version 7 (RFC 9562), which sort by the time they were made, also within a millisecond of one process.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::rand;
use uuid::Uuid;

use crate::error::{Error, Result};

/// Bits behind the time: 12 before the variant and 62 behind it.
const TAIL_BITS: u32 = 74;

#[derive(Debug, Default)]
pub struct Ids {
    last: Mutex<(u64, u128)>,
}

impl Ids {
    /// A new id, greater than all before it.
    pub fn next(&self, micros: i64) -> Result<String> {
        let millis = u64::try_from(micros / 1000).unwrap_or(0) & 0xffff_ffff_ffff;
        let random = u128::from_be_bytes(random()?);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A step of random size keeps ids of the same millisecond, or of a clock that went back, hard to guess.
        let stepped = last.1 + 1 + (random >> 96);
        *last = if millis > last.0 {
            (millis, fresh(random))
        } else if stepped >> TAIL_BITS == 0 {
            (last.0, stepped)
        } else {
            (last.0 + 1, fresh(random))
        };
        let (millis, tail) = *last;
        let (high, low) = (tail >> 62, tail & ((1 << 62) - 1));
        let id = (u128::from(millis) << 80) | (7 << 76) | (high << 64) | (0b10 << 62) | low;
        Ok(Uuid::from_u128(id).to_string())
    }
}

/// Half of the room, so that many steps fit behind it.
fn fresh(random: u128) -> u128 {
    random & ((1 << (TAIL_BITS - 1)) - 1)
}

/// Whether a text has the one form in which ids are stored; nothing else is worth a query.
pub fn is_id(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok() && !text.bytes().any(|byte| byte.is_ascii_uppercase())
}

pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Error::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let ids = Ids::default();
        let mut last = ids.next(1_700_000_000_000_000).unwrap();
        assert!(last.starts_with("018bcfe5-6800-7"), "{last}");
        for step in 0..10_000_i64 {
            let next = ids.next(1_700_000_000_000_000 - step * 1000).unwrap();
            assert!(next > last && is_id(&next), "{last} {next}");
            let uuid = Uuid::try_parse(&next).unwrap();
            assert_eq!((uuid.get_version_num(), uuid.get_variant()), (7, uuid::Variant::RFC4122));
            last = next;
        }
        assert!(ids.next(1_800_000_000_000_000).unwrap() > last);
    }

    #[test]
    fn only_the_stored_form_is_an_id() {
        assert!(is_id("018bcfe5-6800-7000-8000-000000000000"));
        for text in ["", "018BCFE5-6800-7000-8000-000000000000", "018bcfe5680070008000000000000000", "a\0"] {
            assert!(!is_id(text), "{text}");
        }
    }
}
