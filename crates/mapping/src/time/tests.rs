use super::{Format, Reading, Unit, is_written, parse, pattern_fault, read, write, zone};

fn common(text: &str) -> String {
    shown(read(text, &Format::Common))
}

fn shown(reading: Reading) -> String {
    match reading {
        Reading::At(moment) => {
            let mut text = Vec::new();
            write(&moment, &mut text);
            String::from_utf8(text).unwrap()
        }
        Reading::Never => "never".into(),
        Reading::Unreadable => "unreadable".into(),
    }
}

#[test]
fn common_forms() {
    for (text, expected) in [
        ("2024-02-29T01:02:03Z", "2024-02-29T01:02:03Z"),
        ("2024-02-29T01:02:03.000Z", "2024-02-29T01:02:03.000Z"),
        ("2024-02-29t01:02:03.5z", "2024-02-29T01:02:03.5Z"),
        ("2024-02-29T01:02:03.1234567890123Z", "2024-02-29T01:02:03.123456789Z"),
        ("2024-01-01T00:30:00+02:00", "2023-12-31T22:30:00Z"),
        ("2024-01-01T00:30:00.25-0530", "2024-01-01T06:00:00.25Z"),
        ("2024-01-01T00:30:00+02", "2023-12-31T22:30:00Z"),
        ("2024-01-01 10:20:30", "2024-01-01T10:20:30Z"),
        ("2024-01-01 10:20:30 UTC", "2024-01-01T10:20:30Z"),
        ("2024-01-01 10:20:30 +0100", "2024-01-01T09:20:30Z"),
        ("2024-01-01T10:20", "2024-01-01T10:20:00Z"),
        ("2024-01-01", "2024-01-01T00:00:00Z"),
        ("20240101T102030Z", "2024-01-01T10:20:30Z"),
        ("20240101102030Z", "2024-01-01T10:20:30Z"),
        ("20240101102030.0Z", "2024-01-01T10:20:30.0Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("Tue, 06 Feb 2024 10:20:30 +0200", "2024-02-06T08:20:30Z"),
        ("6 Feb 2024 10:20:30 GMT", "2024-02-06T10:20:30Z"),
        ("1700000000", "2023-11-14T22:13:20Z"),
        ("1700000000.25", "2023-11-14T22:13:20.25Z"),
        ("1700000000123", "2023-11-14T22:13:20.123Z"),
        ("1700000000000", "2023-11-14T22:13:20Z"),
        ("0", "never"),
        ("-62135596800", "never"),
        ("0001-01-01T00:00:00Z", "never"),
        ("0000-00-00 00:00:00", "never"),
        ("1969-12-31T23:59:59Z", "never"),
        ("1970-01-01T00:00:00Z", "never"),
        ("1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z"),
        ("20240101", "unreadable"),
        ("20240101102030", "unreadable"),
        ("03/04/2024", "unreadable"),
        ("2023-02-29", "unreadable"),
        ("2024-13-01T00:00:00Z", "unreadable"),
        ("2024-01-01T24:00:00Z", "unreadable"),
        ("2024-01-01T10:20:30 Europe/Berlin", "unreadable"),
        ("2024-01-01T", "unreadable"),
        ("9999999999999", "2286-11-20T17:46:39.999Z"),
        ("10000000000000", "unreadable"),
        ("99999999999", "unreadable"),
        ("yesterday", "unreadable"),
        ("", "unreadable"),
        ("\u{661}", "unreadable"),
    ] {
        assert_eq!(common(text), expected, "{text}");
    }
}

#[test]
fn units() {
    for (text, unit, expected) in [
        ("1700000000", Unit::Seconds, "2023-11-14T22:13:20Z"),
        ("1700000000", Unit::Milliseconds, "1970-01-20T16:13:20Z"),
        ("1700000000000001", Unit::Microseconds, "2023-11-14T22:13:20.000001Z"),
        ("133444736000000000", Unit::Filetime, "2023-11-14T22:13:20Z"),
        ("133444736000000001", Unit::Filetime, "2023-11-14T22:13:20.0000001Z"),
        ("9223372036854775807", Unit::Filetime, "never"),
        ("0", Unit::Filetime, "never"),
        ("2023-11-14", Unit::Seconds, "unreadable"),
        ("1e9", Unit::Seconds, "unreadable"),
        (".5", Unit::Seconds, "unreadable"),
        ("5.", Unit::Seconds, "unreadable"),
    ] {
        assert_eq!(shown(read(text, &Format::Unit(unit))), expected, "{text} {unit:?}");
    }
}

#[test]
fn patterns() {
    let pattern =
        |pattern: &str, offset, text| shown(read(text, &Format::Pattern { pattern: pattern.to_owned(), offset }));
    assert_eq!(pattern("%d-%b-%Y", 0, "06-Feb-2024"), "2024-02-06T00:00:00Z");
    assert_eq!(pattern("%d/%m/%Y %H:%M", 7200, "06/02/2024 10:20"), "2024-02-06T08:20:00Z");
    assert_eq!(pattern("%Y-%m-%d %H:%M:%S %z", 7200, "2024-02-06 10:20:30 +0100"), "2024-02-06T09:20:30Z");
    assert_eq!(pattern("%m/%d/%Y", 0, "02/06/1601"), "never");
    assert_eq!(pattern("%m/%d/%Y", 0, "2024-02-06"), "unreadable");
    assert_eq!(pattern_fault("%d-%b-%Y"), None);
    assert_eq!(pattern_fault("%s"), None);
    assert!(pattern_fault("%H:%M").is_some());
    assert!(pattern_fault("%d-%b-%Y %").is_some());
    assert_eq!((zone("utc"), zone("+05:30"), zone("Europe/Berlin")), (Some(0), Some(19_800), None));
}

#[test]
fn every_day_of_four_centuries_survives_the_calendar() {
    for day in 0..146_097 {
        let (year, month, date) = super::calendar::civil(day);
        assert_eq!(super::calendar::days(year, month, date), day);
        assert!(date <= super::calendar::days_in(year, month));
    }
}

#[test]
fn what_is_written_is_taken_as_it_is() {
    assert!(is_written(b"2024-02-29T01:02:03Z") && is_written(b"2024-02-29T01:02:03.000Z"));
    for text in [
        "2023-02-29T01:02:03Z",
        "2024-02-29t01:02:03Z",
        "1970-01-01T00:00:00Z",
        "2024-02-29T01:02:03+00:00",
        "2024-02-29T01:02:03.Z",
    ] {
        assert!(!is_written(text.as_bytes()), "{text}");
    }
    assert_eq!(parse("2024-02-03T04:05:06.7Z").unwrap().to_string(), "2024-02-03T04:05:06.7Z");
    assert_eq!(parse(" 2024-02-03 ").unwrap().date(), "2024-02-03");
    assert_eq!(parse("2024-02-03T04:05:06.789Z").unwrap().epoch_milliseconds(), 1_706_933_106_789);
}
