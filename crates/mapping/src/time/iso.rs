//! RFC 3339 and the forms of ISO 8601 that products use: with `T` or a space, with and without separators, seconds, zone.

use super::calendar::{self, Moment};
use super::{Reading, number};

/// The digits of eight bytes that must look like `shape`, where a `0` stands for a digit and all else for itself. None if they do not.
#[inline(always)]
fn digits(bytes: &[u8], shape: &[u8; 8]) -> Option<[u8; 8]> {
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let mut limits = [0x7F; 8];
    let mut at = 0;
    while at < 8 {
        if shape[at] == b'0' {
            limits[at] = 0x7F - 9;
        }
        at += 1;
    }
    // Digits become their values and marks 0; adding the limit sets the high bit of what is more.
    let values = u64::from_le_bytes(*bytes.first_chunk::<8>()?) ^ u64::from_le_bytes(*shape);
    let over = values | values.wrapping_add(u64::from_le_bytes(limits));
    (over & HIGHS == 0).then(|| values.to_le_bytes())
}

/// `YYYY-MM-DDThh:mm:ssZ` with any fraction, within the calendar and not before 1970.
#[inline]
pub(super) fn is_written(text: &[u8]) -> bool {
    let (Some(date), Some(time), Some(rest)) = (
        digits(text, b"0000-00-"),
        text.get(8..).and_then(|text| digits(text, b"00T00:00")),
        text.get(16..).and_then(|rest| rest.split_first_chunk::<3>()),
    ) else {
        return false;
    };
    let ([colon, tens, ones], tail) = rest;
    let fraction = match tail {
        [b'Z'] => true,
        [b'.', middle @ .., b'Z'] => !middle.is_empty() && middle.len() <= 9 && middle.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    let two = |digits: &[u8; 8], at: usize| i64::from(digits[at]) * 10 + i64::from(digits[at + 1]);
    let year = two(&date, 0) * 100 + two(&date, 2);
    let (month, day) = (two(&date, 5), two(&time, 0));
    // The first day of 1970 is left to the long way: it begins with a "never".
    fraction
        && *colon == b':'
        && matches!((tens, ones), (b'0'..=b'5', b'0'..=b'9'))
        && year >= 1970
        && !(year == 1970 && month == 1 && day == 1)
        && (1..=12).contains(&month)
        && day >= 1
        && (day <= 28 || day <= calendar::days_in(year, month))
        && two(&time, 3) < 24
        && two(&time, 6) < 60
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
