//! RFC 3339 and the forms of ISO 8601 that products use: with `T` or a space, with and without separators, seconds, zone.

use super::calendar::{self, Moment};
use super::{Reading, number};

/// What must be at each place: 0 for a digit.
const SHAPE: &[u8; 19] = b"0000-00-00T00:00:00";

/// `YYYY-MM-DDThh:mm:ssZ` with any fraction, within the calendar and not before 1970.
#[inline]
pub(super) fn is_written(text: &[u8]) -> bool {
    let Some((head, tail)) = text.split_first_chunk::<19>() else {
        return false;
    };
    // Digits become their values, and marks 0.
    let mut digits = [0_u8; 19];
    let mut fits = true;
    for ((digit, byte), shape) in digits.iter_mut().zip(head).zip(SHAPE) {
        *digit = byte.wrapping_sub(*shape);
        fits &= *digit <= if *shape == b'0' { 9 } else { 0 };
    }
    let fraction = match tail {
        [b'Z'] => true,
        [b'.', middle @ .., b'Z'] => !middle.is_empty() && middle.len() <= 9 && middle.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    let two = |at: usize| i64::from(digits[at]) * 10 + i64::from(digits[at + 1]);
    let year = two(0) * 100 + two(2);
    let (month, day) = (two(5), two(8));
    // The first day of 1970 is left to the long way: it begins with a "never".
    fits && fraction
        && year >= 1970
        && !(year == 1970 && month == 1 && day == 1)
        && (1..=12).contains(&month)
        && day >= 1
        && (day <= 28 || day <= calendar::days_in(year, month))
        && two(11) < 24
        && two(14) < 60
        && two(17) < 60
}

/// Digits and marks taken one after the other.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (taken, rest) = self.0.split_at_checked(digits)?;
        let mut value = 0;
        for digit in taken {
            value = value * 10 + i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
        self.0 = rest;
        Some(value)
    }

    fn mark(&mut self, mark: u8) -> bool {
        let found = self.0.first() == Some(&mark);
        if found {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        found
    }

    /// The digits of a fraction as nanoseconds and their number; finer digits are cut off.
    fn fraction(&mut self) -> Option<(u32, u8)> {
        if !self.mark(b'.') && !self.mark(b',') {
            return Some((0, 0));
        }
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        (length > 0).then(|| number::fraction(taken))
    }
}

pub(super) fn read(text: &[u8]) -> Reading {
    read_parts(text).unwrap_or(Reading::Unreadable)
}

fn read_parts(text: &[u8]) -> Option<Reading> {
    let mut cursor = Cursor(text);
    let year = cursor.number(4)?;
    let dashed = cursor.mark(b'-');
    let month = cursor.number(2)?;
    if dashed && !cursor.mark(b'-') {
        return None;
    }
    let day = cursor.number(2)?;
    let (mut hour, mut minute, mut second, mut fraction, mut offset) = (0, 0, 0, (0, 0), 0);
    let separated = cursor.mark(b'T') || cursor.mark(b't') || cursor.mark(b' ');
    // Eight digits alone may be a count; fourteen digits are the form of directories (`20240203040506Z`).
    if !dashed && !separated && cursor.0.len() < 6 {
        return None;
    }
    if !cursor.0.is_empty() {
        if dashed && !separated {
            return None;
        }
        hour = cursor.number(2)?;
        let colons = cursor.mark(b':');
        minute = cursor.number(2)?;
        if cursor.0.first().is_some_and(|byte| if colons { *byte == b':' } else { byte.is_ascii_digit() }) {
            if colons {
                cursor.mark(b':');
            }
            second = cursor.number(2)?;
            fraction = cursor.fraction()?;
        }
        offset = match cursor.0 {
            [] if !dashed && !separated => return None,
            [] | b"Z" | b"z" | b" UTC" | b" Z" => 0,
            [b' ', zone @ ..] | zone => self::offset(zone)?,
        };
    } else if separated {
        return None;
    }
    if year < 1970 {
        // Also the zero dates of databases, whose month and day are zero.
        return Some(Reading::Never);
    }
    let calendar_day = (1..=12).contains(&month) && day >= 1 && day <= calendar::days_in(year, month);
    // A leap second is the last second of its minute.
    if !calendar_day || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds =
        calendar::days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.min(59) - i64::from(offset);
    Some(Moment::reading(seconds, fraction.0, fraction.1))
}

/// `+02:00`, `-0530`, `+02`, in seconds.
pub(super) fn offset(text: &[u8]) -> Option<i32> {
    let (sign, rest) = match text {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let mut cursor = Cursor(rest);
    let hours = cursor.number(2)?;
    let minutes = if cursor.0.is_empty() {
        0
    } else {
        cursor.mark(b':');
        cursor.number(2)?
    };
    let fits = cursor.0.is_empty() && hours < 24 && minutes < 60;
    fits.then(|| sign * i32::try_from(hours * 3600 + minutes * 60).unwrap_or(0))
}
