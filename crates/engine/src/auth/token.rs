//! Reads a token endpoint's answer: RFC 6749 section 5.1, and how providers differ from it.

use std::time::{Duration, SystemTime};

use rollcall_model::Secret;
use serde_json::Value;

use super::mistake;
use super::state::Granted;
use crate::fault::Fault;
use crate::format::Path;
use crate::transport::Answer;

/// Where things stand in a token answer.
pub(super) struct Shape {
    token: Path,
    instance_url: Option<Path>,
}

impl Shape {
    pub fn new(token_path: Option<&str>, instance_url: Option<&str>) -> Result<Self, Fault> {
        Ok(Self {
            token: path(token_path.unwrap_or(".access_token"))?,
            instance_url: instance_url.map(path).transpose()?,
        })
    }

    /// The tokens of an answer, or nothing when it has none. `since` is the time before the request was sent.
    pub fn read(&self, answer: &Answer, since: SystemTime) -> Option<Granted> {
        if !answer.status.is_success() {
            return None;
        }
        let body = parse(&answer.body)?;
        let token = text(self.token.get(&body)?)?;
        // What belongs to the token stands beside it; a few providers keep it at the root.
        let beside = self.token.parent().and_then(|parent| parent.get(&body)).unwrap_or(&body);
        let of = |name: &str| beside.get(name).or_else(|| body.get(name));
        let until =
            of("expires_in").and_then(|value| after(value, since)).or_else(|| of("expires_at").and_then(moment));
        Some(Granted {
            token: Some(Secret::new(token)),
            refresh_token: of("refresh_token").and_then(text).map(Secret::new),
            instance_url: self.instance_url.as_ref().and_then(|path| text(path.get(&body)?)),
            since: Some(since),
            until,
            ..Granted::default()
        })
    }
}

/// Reads a path of the connector.
pub(super) fn path(text: &str) -> Result<Path, Fault> {
    Path::parse(text).map_err(mistake)
}

/// A present text; numbers are taken by their digits.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A JSON body, or a form: old endpoints answer forms whatever `Accept` says.
fn parse(body: &[u8]) -> Option<Value> {
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        return Some(json);
    }
    let text = std::str::from_utf8(body).ok()?.trim();
    if text.starts_with('<') || !text.contains('=') {
        return None;
    }
    Some(Value::Object(
        url::form_urlencoded::parse(text.as_bytes())
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect(),
    ))
}

/// `expires_in`: seconds as a number or its text. Nothing or less than one second says nothing.
fn after(value: &Value, since: SystemTime) -> Option<SystemTime> {
    let seconds: f64 = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // Far more than a century is a mistake of units, not a lifetime.
    if !(1.0..4e9).contains(&seconds) {
        return None;
    }
    since.checked_add(Duration::from_secs_f64(seconds))
}

/// `expires_at`: a time in RFC 3339, or seconds or milliseconds since 1970.
fn moment(value: &Value) -> Option<SystemTime> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => match text.trim().parse::<jiff::Timestamp>() {
            Ok(time) => return Some(time.into()),
            Err(_) => text.trim().parse().ok(),
        },
        _ => None,
    }?;
    let seconds = if number > 100_000_000_000 { number / 1000 } else { number };
    // A small number is a duration under the wrong name: the start is not known.
    if seconds < 1_000_000_000 {
        return None;
    }
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::*;

    const SINCE: u64 = 1_800_000_000;

    fn read(token: Option<&str>, instance: Option<&str>, body: &'static str) -> Option<Granted> {
        let answer =
            Answer { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) };
        Shape::new(token, instance).unwrap().read(&answer, SystemTime::UNIX_EPOCH + Duration::from_secs(SINCE))
    }

    fn lifetime(body: &'static str) -> Option<u64> {
        let until = read(None, None, body).unwrap().until?;
        Some(until.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() - SINCE)
    }

    /// RFC 6749, section 5.1.
    #[test]
    fn the_standards_answer_is_read() {
        let granted = read(
            None,
            None,
            r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example","expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA"}"#,
        )
        .unwrap();
        assert_eq!(granted.token.unwrap().expose(), "2YotnFZFEjr1zCsicMWpAA");
        assert_eq!(granted.refresh_token.unwrap().expose(), "tGzv3JOkF0XG5Qx2TlKWIA");
        assert!(granted.until.is_some());
    }

    #[test]
    fn a_nested_token_brings_its_neighbours() {
        let body = r#"{"access_token":"bot","expires_in":1,"team":{"url":"https://x.example.com"},"user":{"access_token":"own","refresh_token":"r","expires_in":"90"}}"#;
        let granted = read(Some(".user.access_token"), Some(".team.url"), body).unwrap();
        assert_eq!(granted.token.unwrap().expose(), "own");
        assert_eq!(granted.refresh_token.unwrap().expose(), "r");
        assert_eq!(granted.instance_url.as_deref(), Some("https://x.example.com"));
        assert_eq!(granted.until, SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(SINCE + 90)));
    }

    #[test]
    fn lifetimes_come_in_many_forms() {
        assert_eq!(lifetime(r#"{"access_token":"t","expires_in":120.0}"#), Some(120));
        assert_eq!(lifetime(r#"{"access_token":"t","expires_at":"2027-01-15T08:10:00Z"}"#), Some(600));
        assert_eq!(lifetime(r#"{"access_token":"t","expires_at":1800000060}"#), Some(60));
        assert_eq!(lifetime(r#"{"access_token":"t","expires_at":"1800000060000"}"#), Some(60));
        for silent in [
            r#"{"access_token":"t"}"#,
            r#"{"access_token":"t","expires_in":0}"#,
            r#"{"access_token":"t","expires_in":null}"#,
            r#"{"access_token":"t","expires_in":-5}"#,
            r#"{"access_token":"t","expires_in":"never"}"#,
            r#"{"access_token":"t","expires_at":3600}"#,
        ] {
            assert_eq!(lifetime(silent), None, "{silent}");
        }
    }

    #[test]
    fn a_form_is_an_answer_too() {
        let granted = read(None, None, "access_token=a%2Bb&scope=user&expires_in=60").unwrap();
        assert_eq!(granted.token.unwrap().expose(), "a+b");
        assert!(granted.until.is_some());
    }

    #[test]
    fn no_token_is_no_answer() {
        for body in
            ["", "{}", r#"{"access_token":""}"#, r#"{"access_token":null}"#, "<html>access_token=x", "nope", "[1]"]
        {
            assert!(read(None, None, body).is_none(), "{body}");
        }
        let mut answer = Answer { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body: Bytes::new() };
        answer.body = Bytes::from_static(br#"{"access_token":"t"}"#);
        assert!(Shape::new(None, None).unwrap().read(&answer, SystemTime::UNIX_EPOCH).is_none());
    }
}
