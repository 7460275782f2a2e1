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
