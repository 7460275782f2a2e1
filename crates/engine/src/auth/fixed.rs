//! Credentials that travel as they are: headers, query, body members, HTTP Basic (RFC 7617), and the Bearer header of obtained tokens
//! (RFC 6750).

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue};
use rollcall_connector::definition::{Auth, FaultKind, Place};
use rollcall_connector::request::{Request, RequestBody, Verb};
use rollcall_connector::template::Template;
use serde_json::Value;

use super::oauth2::templates;
use super::values::{self, Values};
use super::{mistake, random};
use crate::fault::Fault;
use crate::transport::Wire;

/// Names that exist only when a request is signed.
const LATE: [&str; 5] = ["now", "today", "date", "nonce", "signature"];

/// What an entry adds to each request.
pub(super) struct Fixed {
    header: Vec<(String, Template)>,
    query: Vec<(String, Template)>,
    body: Vec<(String, Template)>,
    basic: Option<(Template, Template)>,
}

impl Fixed {
    /// `bearer` says that the entry's sign-in gives a token: it is sent as Bearer unless the entry itself says where it goes.
    pub fn new(auth: &Auth, bearer: bool) -> Result<Self, Fault> {
        let mut fixed = Self {
            header: templates(&auth.header)?,
            query: templates(&auth.query)?,
            body: templates(&auth.body)?,
            basic: match &auth.basic {
                Some(basic) => Some((values::parse(&basic.username)?, values::parse(&basic.password)?)),
                None => None,
            },
        };
        let authorizes =
            fixed.basic.is_some() || fixed.header.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if bearer
            && !authorizes
            && !fixed.templates().any(|template| template.names().any(|name| name == "access_token"))
        {
            fixed.header.push(("Authorization".to_owned(), values::parse("Bearer {access_token}")?));
        }
        Ok(fixed)
    }

    fn templates(&self) -> impl Iterator<Item = &Template> {
        let members = [&self.header, &self.query, &self.body].into_iter().flatten().map(|(_, template)| template);
        members.chain(self.basic.iter().flat_map(|(username, password)| [username, password]))
    }

    /// Everything that is known before signing.
    pub fn apply(&self, request: &mut Request, values: &Values) -> Result<(), Fault> {
        let lookup = |name: &str| values.get(name);
        for (name, template) in self.header.iter().filter(|(_, template)| !is_late(template)) {
            if let Some(value) = given(template, &lookup)? {
                set_header(request, name, value)?;
            }
        }
        for (name, template) in &self.query {
            if let Some(value) = given(template, &lookup)? {
                request.put(Place::Query, name, &Value::String(value));
            }
        }
        if !self.body.is_empty() {
            let place = body_place(request)?;
            for (name, template) in &self.body {
                if let Some(value) = given(template, &lookup)? {
                    request.put(place, name, &Value::String(value));
                }
            }
        }
        match &self.basic {
            Some(pair) if !pair_is_late(pair) => set_header(request, "Authorization", basic(pair, &lookup)?),
            _ => Ok(()),
        }
    }

    /// Headers that hold the time of the attempt. With `signed`, those with a signature wait for it.
    pub fn sign(&self, wire: &mut Wire, values: &Values, now: SystemTime, signed: bool) -> Result<(), Fault> {
        if signed {
            return Ok(());
        }
        let nonce = random::hex::<16>()?;
        self.late(wire, &|name| if name == "nonce" { Some(nonce.clone()) } else { values.at(name, now) })
    }

    /// Headers and Basic credentials with values of the signing.
    pub fn late(&self, wire: &mut Wire, lookup: &dyn Fn(&str) -> Option<String>) -> Result<(), Fault> {
        for (name, template) in self.header.iter().filter(|(_, template)| is_late(template)) {
            if let Some(value) = given(template, lookup)? {
                insert(wire, name, &value)?;
            }
        }
        match &self.basic {
            Some(pair) if pair_is_late(pair) => insert(wire, "Authorization", &basic(pair, lookup)?),
            _ => Ok(()),
        }
    }

    /// Secrets in a form that the account does not hold.
    pub fn secrets(&self, values: &Values) -> Option<String> {
        let pair = self.basic.as_ref().filter(|pair| !pair_is_late(pair))?;
        let header = basic(pair, &|name| values.get(name)).ok()?;
        header.strip_prefix("Basic ").map(str::to_owned)
    }
}

fn is_late(template: &Template) -> bool {
    template.names().any(|name| LATE.contains(&name))
}

fn pair_is_late((username, password): &(Template, Template)) -> bool {
    is_late(username) || is_late(password)
}

/// The text, or nothing when an optional value is not given. A token that is missing is no option: a request without it would be anonymous.
fn given(template: &Template, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, Fault> {
    if template.names().any(|name| name == "access_token") {
        values::required(template, lookup).map(Some)
    } else {
        values::optional(template, lookup)
    }
}

fn basic(
    (username, password): &(Template, Template),
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Fault> {
    let username = values::required(username, lookup)?;
    // An empty password is common where a key is the user name.
    let password = values::optional(password, lookup)?.unwrap_or_default();
    Ok(format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
}

/// Where members of the body go.
fn body_place(request: &Request) -> Result<Place, Fault> {
    match (&request.body, request.verb) {
        (RequestBody::Form(_), _) => Ok(Place::Form),
        (RequestBody::Json { value: Value::Object(_), .. }, _) | (RequestBody::None, Verb::Post) => Ok(Place::Json),
        _ => Err(mistake("the credential travels in a JSON or form body, and this request has none")),
    }
}

/// Sets a header whatever the letter case of one that is there.
pub(super) fn set_header(request: &mut Request, name: &str, value: String) -> Result<(), Fault> {
    check(name, &value)?;
    request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    request.headers.push((name.to_owned(), value));
    Ok(())
}

/// Adds cookies to those that the connector may send itself.
pub(super) fn add_cookies(request: &mut Request, cookies: &str) {
    match request.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("cookie")) {
        Some((_, own)) => *own = format!("{own}; {cookies}"),
        None => request.headers.push(("Cookie".to_owned(), cookies.to_owned())),
    }
}

/// Sets a header of the serialised request, hidden from debug output.
pub(super) fn insert(wire: &mut Wire, name: &str, value: &str) -> Result<(), Fault> {
    check(name, value)?;
    let name: HeaderName = name.parse().map_err(|_| mistake(format!("`{name}` is not a header name")))?;
    let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unsendable(name.as_str()))?;
    value.set_sensitive(true);
    wire.headers.insert(name, value);
    Ok(())
}

/// A line break would end the header: a pasted credential with one is refused with words rather than by the transport.
fn check(name: &str, value: &str) -> Result<(), Fault> {
    if value.chars().any(|c| c.is_control() && c != '\t') { Err(unsendable(name)) } else { Ok(()) }
}

fn unsendable(name: &str) -> Fault {
    Fault::new(
        FaultKind::Credential,
        format!("the credential for header `{name}` holds a line break or another control character"),
    )
    .hint("paste it again as one line")
}
