//! A written conversation instead of a network: the exchanges of a case, each used once. Strict: a request that is not written is refused.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use url::Url;

use super::{Answer, Sending, Transport, TransportError, Wire};

/// One exchange that is expected.
#[derive(Clone, Debug)]
pub struct Scripted {
    pub method: String,
    /// Scheme, host and path.
    pub url: String,
    pub query: Vec<(String, String)>,
    /// Headers that must be there with these values.
    pub headers: BTreeMap<String, String>,
    /// The body, as JSON or as a text; `None`: anything.
    pub body: Option<Value>,
    pub status: u16,
    pub response_headers: Vec<(String, String)>,
    pub response_body: Bytes,
}

/// The conversation.
#[derive(Debug, Default)]
pub struct ScriptTransport {
    exchanges: Mutex<Vec<(Scripted, bool)>>,
    complaints: Mutex<Vec<String>>,
}

impl ScriptTransport {
    /// A conversation of these exchanges.
    #[must_use]
    pub fn new(exchanges: Vec<Scripted>) -> Self {
        Self {
            exchanges: Mutex::new(exchanges.into_iter().map(|exchange| (exchange, false)).collect()),
            complaints: Mutex::default(),
        }
    }

    /// What went otherwise than written: requests that are not there, exchanges that nobody asked for.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (exchange, used) in self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if !used {
                complaints.push(format!(
                    "the exchange {} {} was never asked for",
                    exchange.method,
                    describe(&exchange.url, &exchange.query)
                ));
            }
        }
        complaints
    }

    fn answer(&self, wire: &Wire) -> Option<Answer> {
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let mut near = Vec::new();
        for (exchange, used) in exchanges.iter_mut().filter(|(_, used)| !used) {
            match difference(exchange, wire) {
                None => {
                    *used = true;
                    return Some(reply(exchange));
                }
                Some(reason) => {
                    near.push(format!("{} {}: {reason}", exchange.method, describe(&exchange.url, &exchange.query)))
                }
            }
        }
        let query: Vec<(String, String)> = wire.url.query_pairs().into_owned().collect();
        let body = if wire.body.is_empty() {
            String::new()
        } else {
            format!(" with body {}", String::from_utf8_lossy(&wire.body))
        };
        let complaint = format!(
            "the request {} {}{body} is not in the case; still open: {}",
            wire.method,
            describe(&bare(&wire.url), &query),
            if near.is_empty() { "nothing".to_owned() } else { near.join("; ") }
        );
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).push(complaint);
        None
    }
}

impl Transport for ScriptTransport {
    fn send(&self, wire: Wire) -> Sending<'_> {
        Box::pin(async move {
            self.answer(&wire).ok_or_else(|| TransportError::Refused("the case has no such exchange".to_owned()))
        })
    }
}

fn reply(exchange: &Scripted) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in &exchange.response_headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) {
            headers.append(name, value);
        }
    }
    Answer {
        status: StatusCode::from_u16(exchange.status).unwrap_or(StatusCode::IM_A_TEAPOT),
        headers,
        body: exchange.response_body.clone(),
    }
}

/// Why a request is not the expected one.
fn difference(exchange: &Scripted, wire: &Wire) -> Option<String> {
    if !wire.method.as_str().eq_ignore_ascii_case(&exchange.method) {
        return Some("another method".to_owned());
    }
    if decoded(&bare(&wire.url)) != decoded(&exchange.url) {
        return Some("another URL".to_owned());
    }
    let mut sent: Vec<(String, String)> = wire.url.query_pairs().into_owned().collect();
    let mut expected = exchange.query.clone();
    sent.sort();
    expected.sort();
    if sent != expected {
        return Some(format!("the query is {}", describe("", &sent)));
    }
    for (name, value) in &exchange.headers {
        if wire.headers.get(name).and_then(|v| v.to_str().ok()) != Some(value.as_str()) {
            return Some(format!("header `{name}` differs"));
        }
    }
    let body = exchange.body.as_ref()?;
    let same = match body {
        Value::String(text) => wire.body.as_ref() == text.as_bytes(),
        Value::Object(members)
            if wire
                .headers
                .get(http::header::CONTENT_TYPE)
                .is_some_and(|v| v.as_bytes().starts_with(b"application/x-www-form-urlencoded")) =>
        {
            let mut sent: Vec<(String, String)> = url::form_urlencoded::parse(&wire.body).into_owned().collect();
            let mut expected: Vec<(String, String)> =
                members.iter().map(|(name, value)| (name.clone(), rollcall_connector::request::text(value))).collect();
            sent.sort();
            expected.sort();
            sent == expected
        }
        other => serde_json::from_slice::<Value>(&wire.body).ok().as_ref() == Some(other),
    };
    (!same).then(|| format!("the body is {}", String::from_utf8_lossy(&wire.body)))
}

fn bare(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.to_string()
}

/// Compares paths without regard to which characters are percent-encoded.
fn decoded(url: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = url.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let pair: Vec<u8> = bytes.by_ref().take(2).collect();
            match std::str::from_utf8(&pair).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(value) => out.push(value),
                None => {
                    out.push(b'%');
                    out.extend(pair);
                }
            }
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).trim_end_matches('/').to_owned()
}

fn describe(url: &str, query: &[(String, String)]) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    format!("{url}?{}", query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
}
