//! A keyed hash over parts of the request, as the entry words it.

use std::time::SystemTime;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use rollcall_connector::definition::{Encoding, Hmac, HmacDate};
use rollcall_connector::template::{Template, percent_encode};

use super::fixed::{Fixed, insert};
use super::oauth2::templates;
use super::values::{self, Values};
use super::{mistake, random};
use crate::fault::Fault;
use crate::transport::Wire;

/// An `hmac` entry.
pub(super) struct Signature {
    algorithm: hmac::Algorithm,
    key: Template,
    message: Template,
    encoding: Encoding,
    date: HmacDate,
    header: Vec<(String, Template)>,
}

impl Signature {
    pub fn new(entry: &Hmac) -> Result<Self, Fault> {
        let algorithm = match entry.algorithm.as_str() {
            "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            "sha256" => hmac::HMAC_SHA256,
            "sha512" => hmac::HMAC_SHA512,
            other => return Err(mistake(format!("unknown `hmac` algorithm `{other}`"))),
        };
        Ok(Self {
            algorithm,
            key: values::parse(&entry.key)?,
            message: values::parse(&entry.message)?,
            encoding: entry.encoding,
            date: entry.date,
            header: templates(&entry.header)?,
        })
    }

    /// Signs, and sets the entry's headers; `fixed` holds those that stand beside `hmac` and use its values.
    pub fn sign(&self, wire: &mut Wire, values: &Values, now: SystemTime, fixed: &Fixed) -> Result<(), Fault> {
        let body = std::str::from_utf8(&wire.body)
            .map_err(|_| mistake("a body that is not text cannot be signed by `hmac`"))?
            .to_owned();
        let date = date(self.date, now)?;
        let nonce = random::hex::<16>()?;
        let parts = |name: &str| match name {
            "date" => Some(date.clone()),
            "nonce" => Some(nonce.clone()),
            "method" => Some(wire.method.as_str().to_owned()),
            "host" => Some(authority(wire)),
            "path" => Some(wire.url.path().to_owned()),
            "params" => Some(params(wire)),
            "body" => Some(body.clone()),
            name => values.at(name, now),
        };
        let message = values::required(&self.message, &parts)?;
        let key = values::required(&self.key, &parts)?;
        let signature = self.signature(&key, &message);
        let lookup = |name: &str| match name {
            "signature" => Some(signature.clone()),
            "date" => Some(date.clone()),
            "nonce" => Some(nonce.clone()),
            name => values.at(name, now),
        };
        for (name, template) in &self.header {
            if let Some(value) = values::optional(template, &lookup)? {
                insert(wire, name, &value)?;
            }
        }
        fixed.late(wire, &lookup)
    }

    fn signature(&self, key: &str, message: &str) -> String {
        let tag = hmac::sign(&hmac::Key::new(self.algorithm, key.as_bytes()), message.as_bytes());
        match self.encoding {
            Encoding::Hex => random::to_hex(tag.as_ref()),
            Encoding::Base64 => STANDARD.encode(tag),
        }
    }
}

fn date(form: HmacDate, now: SystemTime) -> Result<String, Fault> {
    let time = Timestamp::try_from(now).map_err(|_| mistake("this machine's clock is out of range"))?;
    match form {
        HmacDate::Rfc2822 => DateTimePrinter::new()
            .timestamp_to_string(&time)
            .map_err(|_| mistake("this machine's clock is out of range")),
        HmacDate::Iso8601 => Ok(format!("{time:.0}")),
        HmacDate::Epoch => Ok(time.as_second().to_string()),
    }
}

/// The host as it stands in the `Host` header.
fn authority(wire: &Wire) -> String {
    let port = wire.url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", wire.url.host_str().unwrap_or_default())
}

/// The parameters of the query, or of the form that a POST sends, encoded and in order of their names.
fn params(wire: &Wire) -> String {
    let encoded = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
        format!("{}={}", percent_encode(&name), percent_encode(&value))
    };
    let mut params: Vec<String> = wire.url.query_pairs().map(encoded).collect();
    let content_type =
        wire.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wire.method == Method::POST && content_type.starts_with("application/x-www-form-urlencoded") {
        params.extend(url::form_urlencoded::parse(&wire.body).map(encoded));
    }
    params.sort();
    params.join("&")
}
