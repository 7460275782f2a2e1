//! Times: read in the forms in which products write them, given as RFC 3339 in UTC.
//!
//! Nothing is guessed: a form that could mean two things (`03/04/2024`) needs a declared pattern. Products write "never" as
//! a time at or before 1970; such a time is absent, not wrong.

mod calendar;
mod iso;
mod number;

pub use calendar::{Instant, Moment};

/// What a text or number meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    At(Moment),
    /// The product's "never".
    Never,
    /// Not a time in this form.
    Unreadable,
}

/// What a number counts since its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
    /// Tenths of a microsecond since 1601, as Windows counts.
    Filetime,
}

/// How a time is written. The default takes RFC 3339, ISO 8601 (UTC without a zone), RFC 2822, and numbers whose size tells
/// seconds from milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Common,
    Unit(Unit),
    /// A pattern of `strftime`; without a zone in it the offset holds, in seconds east of UTC.
    Pattern {
        pattern: String,
        offset: i32,
    },
}

/// Reads a trimmed text.
#[must_use]
pub fn read(text: &str, format: &Format) -> Reading {
    match format {
        Format::Unit(unit) => number::read(text, *unit),
        Format::Pattern { pattern, offset } => patterned(text, pattern, *offset),
        Format::Common => match iso::read(text.as_bytes()) {
            Reading::Unreadable if number::looks_numeric(text) => number::by_magnitude(text),
            Reading::Unreadable => rfc2822(text),
            reading => reading,
        },
    }
}

/// Reads a time of this project: RFC 3339, a date alone (its first moment), or what [`read`] takes without a declared format.
#[must_use]
pub fn parse(text: &str) -> Option<Instant> {
    match read(text.trim(), &Format::Common) {
        Reading::At(moment) => Some(moment.instant),
        Reading::Never | Reading::Unreadable => None,
    }
}

/// Whether the bytes are already what would be written for them: RFC 3339 in UTC with a capital `T` and `Z`, in 1970 or later.
#[inline]
pub(crate) fn is_written(text: &[u8]) -> bool {
    iso::is_written(text)
}

fn rfc2822(text: &str) -> Reading {
    // Digits alone are never a mail date, and every mail date has a colon: spare the parser what cannot be one.
    if !text.contains(':') {
        return Reading::Unreadable;
    }
    match jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text) {
        Ok(timestamp) => Moment::reading(timestamp.as_second(), 0, 0),
        Err(_) => Reading::Unreadable,
    }
}

fn patterned(text: &str, pattern: &str, offset: i32) -> Reading {
    let Ok(parts) = jiff::fmt::strtime::parse(pattern, text) else {
        return Reading::Unreadable;
    };
    let zoned = parts.to_timestamp().ok();
    let nanos = zoned.map(|timestamp| timestamp.as_nanosecond()).or_else(|| {
        // A pattern without hours means the start of the day.
        let date = parts.to_date().ok()?;
        let time = parts.to_time().unwrap_or_else(|_| jiff::civil::Time::midnight());
        let offset = jiff::tz::Offset::from_seconds(offset).ok()?;
        Some(offset.to_timestamp(date.to_datetime(time)).ok()?.as_nanosecond())
    });
    let Some(nanos) = nanos else {
        return Reading::Unreadable;
    };
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).unwrap_or(i64::MIN);
    let fraction = nanos.rem_euclid(1_000_000_000) as u32;
    Moment::reading(seconds, fraction, calendar::digits_of(fraction))
}

/// A pattern that jiff would refuse for every text, and why.
pub(crate) fn pattern_fault(pattern: &str) -> Option<String> {
    // A pattern that is at fault is refused whatever the text; one that is not is refused for what the text lacks.
    let sample = jiff::civil::date(2024, 2, 3).at(4, 5, 6, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    match jiff::fmt::strtime::format(pattern, &sample) {
        Err(error) => Some(error.to_string()),
        Ok(written) => match jiff::fmt::strtime::parse(pattern, &written) {
            Err(error) => Some(error.to_string()),
            Ok(parts) if parts.to_date().is_err() && parts.to_timestamp().is_err() => {
                Some("it has no full date".to_owned())
            }
            Ok(_) => None,
        },
    }
}

/// Writes RFC 3339 in UTC.
pub(crate) fn write(moment: &Moment, out: &mut Vec<u8>) {
    let (year, month, day) = calendar::civil(moment.instant.seconds.div_euclid(86_400));
    let second = moment.instant.seconds.rem_euclid(86_400);
    let parts =
        [(year, 4, b'-'), (month, 2, b'-'), (day, 2, b'T'), (second / 3600, 2, b':'), (second / 60 % 60, 2, b':')];
    for (value, digits, mark) in parts {
        write_digits(value, digits, out);
        out.push(mark);
    }
    write_digits(second % 60, 2, out);
    if moment.digits > 0 {
        out.push(b'.');
        let cut = 9 - u32::from(moment.digits.min(9));
        write_digits(i64::from(moment.instant.nanos) / 10_i64.pow(cut), 9 - cut, out);
    }
    out.push(b'Z');
}

fn write_digits(value: i64, digits: u32, out: &mut Vec<u8>) {
    for place in (0..digits).rev() {
        out.push(b'0' + (value / 10_i64.pow(place) % 10) as u8);
    }
}

/// A fixed zone: `utc`, `Z`, `+02:00`, `-0530`; its offset in seconds.
pub(crate) fn zone(text: &str) -> Option<i32> {
    if text.eq_ignore_ascii_case("utc") || text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    iso::offset(text.as_bytes())
}

#[cfg(test)]
mod tests;
