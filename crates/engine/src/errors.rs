//! From a provider's answer to a fault: the connector's rules first, then what HTTP says.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use rollcall_connector::definition::{Errors, FaultKind, Format, Items, OneOrMany, XmlFormat};
use serde_json::Value;

use crate::fault::Fault;
use crate::format;
use crate::redact;
use crate::retry;
use crate::transport::Answer;

/// What is being done, for messages: ``reading `users` of okta``.
#[derive(Clone, Debug)]
pub struct Doing {
    pub connector: String,
    pub what: String,
}

/// How much of a body is looked at for a message.
const BODY_LOOK: usize = 64 * 1024;
/// How much of it is repeated: less, for at the end of what is looked at half a secret may stand, which is not known as one.
const BODY_SHOWN: usize = 56 * 1024;

/// The fault that a non-2xx answer (or a 2xx that the connector calls failed) means.
pub fn fault_of<'a>(
    errors: &Errors,
    doing: &Doing,
    answer: &Answer,
    now: SystemTime,
    secrets: impl IntoIterator<Item = &'a str> + Clone,
) -> Fault {
    let head = answer.body.get(..answer.body.len().min(BODY_LOOK)).unwrap_or_default();
    let text = String::from_utf8_lossy(head);
    let document: Option<Value> =
        serde_json::from_slice(&answer.body).ok().or_else(|| xml_document(&text, &answer.body));
    let code = document.as_ref().and_then(|d| first(errors.code.as_ref(), d));
    let said = document
        .as_ref()
        .and_then(|d| first(errors.message.as_ref(), d).or_else(|| common_message(d)))
        .or_else(|| xml_message(&text))
        .or_else(|| (!looks_html(&text) && document.is_none()).then(|| text.to_string()));
    let (kind, wait) = classify(errors, answer, code.as_deref(), &text, now);
    let status = answer.status;
    let seen =
        if status.is_success() { "an error inside a 2xx answer".to_owned() } else { status.as_u16().to_string() };
    let message = match kind {
        FaultKind::Credential => format!("{} refused the credential ({seen}) while {}", doing.connector, doing.what),
        FaultKind::Permission => {
            format!("{} says that the credential may not do this ({seen}) while {}", doing.connector, doing.what)
        }
        FaultKind::Throttled => format!("{} asks to slow down ({seen}) while {}", doing.connector, doing.what),
        FaultKind::Gone => format!("{} has no such thing ({seen}) while {}", doing.connector, doing.what),
        FaultKind::BadRequest => format!("{} refused the request ({seen}) while {}", doing.connector, doing.what),
        FaultKind::ProviderDown => format!("{} failed ({seen}) while {}", doing.connector, doing.what),
        FaultKind::UnexpectedShape | FaultKind::LimitReached => {
            format!("{} gave an unexpected answer ({seen}) while {}", doing.connector, doing.what)
        }
    };
    let mut fault = Fault::new(kind, message);
    fault.hint = hint(kind);
    fault.status = Some(status.as_u16());
    fault.code = code.map(|code| redact::redact(&code, secrets.clone()));
    fault.raw = Some(clipped(redact::redact(&text, secrets.clone())).into());
    fault.provider_said = said.and_then(|said| redact::words(&said, secrets));
    fault.retry_after = wait;
    fault
}

fn clipped(mut text: String) -> String {
    if text.len() > BODY_SHOWN {
        let end = (0..=BODY_SHOWN).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

fn hint(kind: FaultKind) -> Option<String> {
    let hint = match kind {
        FaultKind::Credential => "check that the credential is whole, has not expired, and belongs to this account",
        FaultKind::Permission => {
            "grant the credential the permissions that `rollcall connector show` lists, or use one of an administrator"
        }
        FaultKind::Throttled => "try again later, or give the product more time between calls",
        FaultKind::ProviderDown => "try again later",
        FaultKind::BadRequest => "check the settings and filters; `rollcall connector explain` shows the requests",
        FaultKind::Gone => "check the id and the settings",
        FaultKind::UnexpectedShape | FaultKind::LimitReached => return None,
    };
    Some(hint.to_owned())
}

fn classify(
    errors: &Errors,
    answer: &Answer,
    code: Option<&str>,
    text: &str,
    now: SystemTime,
) -> (FaultKind, Option<Duration>) {
    let asked = retry::retry_after(&answer.headers, now);
    let lower = text.to_lowercase();
    for rule in &errors.rules {
        let fits = rule.status.is_none_or(|status| status == answer.status.as_u16())
            && rule.code.as_deref().is_none_or(|wanted| code == Some(wanted))
            && rule.body_contains.as_ref().is_none_or(|wanted| lower.contains(&wanted.to_lowercase()))
            && rule.header.iter().all(|(name, value)| {
                answer.headers.get(name).is_some_and(|found| found.as_bytes() == value.as_bytes())
            });
        if fits {
            return (rule.kind, asked.or_else(|| rule.wait_seconds.map(|s| Duration::from_secs(u64::from(s)))));
        }
    }
    if let Some(kind) = code.and_then(|code| errors.codes.get(code)) {
        return (*kind, asked);
    }
    let kind = match answer.status {
        StatusCode::UNAUTHORIZED => FaultKind::Credential,
        StatusCode::FORBIDDEN | StatusCode::PAYMENT_REQUIRED | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => {
            FaultKind::Permission
        }
        StatusCode::TOO_MANY_REQUESTS => FaultKind::Throttled,
        StatusCode::SERVICE_UNAVAILABLE if asked.is_some() => FaultKind::Throttled,
        StatusCode::NOT_FOUND | StatusCode::GONE => FaultKind::Gone,
        status if status.is_server_error() => FaultKind::ProviderDown,
        status if status.is_client_error() => FaultKind::BadRequest,
        StatusCode::REQUEST_TIMEOUT => FaultKind::ProviderDown,
        _ => FaultKind::UnexpectedShape,
    };
    (kind, asked)
}

/// The first path that leads to a scalar.
fn first(paths: Option<&OneOrMany>, document: &Value) -> Option<String> {
    paths?.all().iter().find_map(|path| scalar(at(document, path)?))
}

/// The value at a path of the format, for small documents.
#[must_use]
pub fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let mut value = document;
    for step in steps(path) {
        value = match value {
            Value::Object(members) => members.get(&step)?,
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// The steps of a path: `.a."b.c".0` is a, b.c, 0.
#[must_use]
pub fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut chars = path.trim().chars().peekable();
    while let Some(c) = chars.next() {
        if c != '.' {
            continue;
        }
        let mut step = String::new();
        if chars.peek() == Some(&'"') {
            chars.next();
            for c in chars.by_ref().take_while(|c| *c != '"') {
                step.push(c);
            }
        } else {
            while let Some(c) = chars.peek().copied().filter(|c| *c != '.') {
                step.push(c);
                chars.next();
            }
        }
        if !step.is_empty() {
            steps.push(step);
        }
    }
    steps
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(scalar).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        }
        _ => None,
    }
}

/// Names that most APIs use for their message.
fn common_message(document: &Value) -> Option<String> {
    [
        ".message",
        ".error_description",
        ".error.message",
        ".detail",
        ".error",
        ".errors.0.message",
        ".errors.0.detail",
        ".errors.0",
        ".title",
        ".description",
        ".msg",
    ]
    .iter()
    .find_map(|path| scalar(at(document, path)?))
}

/// An XML error as a tree, read as lists are.
fn xml_document(text: &str, body: &[u8]) -> Option<Value> {
    if looks_html(text) || !text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return None;
    }
    let root = Items::Path(".".to_owned());
    let json = format::to_json(&Format::Xml(XmlFormat::default()), &root, body).ok()?;
    serde_json::from_slice(&json).ok()
}

/// The text of a `Message` element, as XML APIs have it.
fn xml_message(text: &str) -> Option<String> {
    ["Message", "message", "faultstring"].iter().find_map(|name| {
        let start = text.find(&format!("<{name}>"))? + name.len() + 2;
        let end = text.get(start..)?.find('<')? + start;
        text.get(start..end).map(str::to_owned)
    })
}

/// Whether a body is a page for people.
#[must_use]
pub fn looks_html(text: &str) -> bool {
    let head: String =
        text.trim_start_matches('\u{feff}').trim_start().chars().take(64).collect::<String>().to_lowercase();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || head.starts_with("<head")
        || head.starts_with("<body")
}
