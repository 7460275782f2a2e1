//! Exchanges with a provider as they may be shown, for the debug format: without bodies, and without the credential.

use std::collections::BTreeMap;
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderName};
use rollcall_connector::request::Request;
use serde::Serialize;

use crate::redact;
use crate::transport::guard::shown;
use crate::transport::{Answer, TransportError, Wire};

const HIDDEN: &str = "[redacted]";

/// Headers that the engine itself adds.
const OWN: [HeaderName; 2] = [header::ACCEPT, header::CONTENT_TYPE];

/// One exchange.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    pub method: String,
    pub url: String,
    pub request_headers: BTreeMap<String, String>,
    pub status: Option<u16>,
    pub response_headers: BTreeMap<String, String>,
    pub fault: Option<String>,
    pub bytes: usize,
    pub duration_ms: u64,
}

/// A request, and what must not be shown of its answer.
pub(crate) struct Shown {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    secrets: Vec<String>,
    is_sign_in: bool,
}

impl Shown {
    /// What the sign-in has added to `unsigned` is shown by its name alone: also a signature that holds no secret is one for a while.
    pub fn new(wire: &Wire, unsigned: Option<&Request>, secrets: Vec<String>) -> Self {
        let url = &wire.url;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let is_plain = |name: &HeaderName| {
            let given = unsigned.is_some_and(|request| {
                request.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name.as_str()))
            });
            OWN.contains(name) || (given && *name != header::AUTHORIZATION && *name != header::COOKIE)
        };
        Self {
            method: wire.method.to_string(),
            url: hide(&format!("{}{query}", shown(url)), &secrets),
            headers: texts(&wire.headers, &secrets, is_plain),
            is_sign_in: unsigned.is_none(),
            secrets,
        }
    }

    pub fn exchange(self, outcome: &Result<Answer, TransportError>, took: Duration) -> Exchange {
        // The answer to a sign-in may hold a token in any header, and it is not known as one yet.
        let is_plain =
            |name: &HeaderName| *name == header::CONTENT_TYPE || (!self.is_sign_in && *name != header::SET_COOKIE);
        let (status, fault, bytes, headers) = match outcome {
            Ok(answer) => {
                (Some(answer.status.as_u16()), None, answer.body.len(), texts(&answer.headers, &self.secrets, is_plain))
            }
            Err(fault) => (None, Some(hide(&fault.to_string(), &self.secrets)), 0, BTreeMap::new()),
        };
        Exchange {
            method: self.method,
            url: self.url,
            request_headers: self.headers,
            status,
            response_headers: headers,
            fault,
            bytes,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Headers as texts; one that came several times with a comma between (RFC 9110 section 5.3).
fn texts(headers: &HeaderMap, secrets: &[String], is_plain: impl Fn(&HeaderName) -> bool) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for name in headers.keys() {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let text = if is_plain(name) { hide(&values.join(", "), secrets) } else { HIDDEN.to_owned() };
        texts.insert(name.as_str().to_owned(), text);
    }
    texts
}

fn hide(text: &str, secrets: &[String]) -> String {
    redact::redact(text, secrets.iter().map(String::as_str))
}
