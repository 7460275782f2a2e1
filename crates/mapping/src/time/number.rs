//! Times as numbers, taken digit by digit so that no fraction is rounded.

use super::calendar::Moment;
use super::{Reading, Unit};

/// 1601-01-01 in seconds since 1970.
const FILETIME_EPOCH: i64 = -11_644_473_600;

/// The digits of a fraction as nanoseconds, and how many of them there are.
pub(super) fn fraction(digits: &[u8]) -> (u32, u8) {
    let mut nanos = 0;
    for place in 0..9 {
        nanos = nanos * 10 + digits.get(place).map_or(0, |digit| u32::from(digit - b'0'));
    }
    (nanos, digits.len().min(9) as u8)
}

pub(super) fn looks_numeric(text: &str) -> bool {
    parts(text).is_some()
}

/// Whole part, digits of the fraction, and whether it is below zero.
fn parts(text: &str) -> Option<(u64, &[u8], bool)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain =
        !whole.is_empty() && whole.len() <= 18 && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    let pointed = fraction.is_empty() != digits.contains('.');
    (plain && pointed).then(|| whole.parse().ok()).flatten().map(|whole| (whole, fraction.as_bytes(), negative))
}

pub(super) fn read(text: &str, unit: Unit) -> Reading {
    // The largest filetime is how directories write "does not expire".
    if unit == Unit::Filetime && text == "9223372036854775807" {
        return Reading::Never;
    }
    let Some((whole, digits, negative)) = parts(text) else {
        return Reading::Unreadable;
    };
    if negative {
        return Reading::Never;
    }
    let (per_second, places) = match unit {
        Unit::Seconds => (1, 0),
        Unit::Milliseconds => (1000, 3),
        Unit::Microseconds => (1_000_000, 6),
        Unit::Filetime => (10_000_000, 7),
    };
    let epoch = if unit == Unit::Filetime { FILETIME_EPOCH } else { 0 };
    let seconds = i64::try_from(whole / per_second).unwrap_or(i64::MAX).saturating_add(epoch);
    let (nanos, digits) = if places == 0 {
        fraction(digits)
    } else {
        let rest = whole % per_second;
        let nanos = rest * (1_000_000_000 / per_second);
        (u32::try_from(nanos).unwrap_or(0), if rest == 0 { 0 } else { places })
    };
    Moment::reading(seconds, nanos, digits)
}

/// Seconds or milliseconds by size: 1973 to 2286 in either. What is smaller, larger or between may be a compact date.
pub(super) fn by_magnitude(text: &str) -> Reading {
    match parts(text) {
        Some((0, ..) | (.., true)) => Reading::Never,
        Some((100_000_000..10_000_000_000, ..)) => read(text, Unit::Seconds),
        Some((100_000_000_000..10_000_000_000_000, ..)) => read(text, Unit::Milliseconds),
        _ => Reading::Unreadable,
    }
}
