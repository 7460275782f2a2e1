//! A keyed hash over parts of the request, as the entry words it.

use std::borrow::Cow;
use std::time::SystemTime;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::CONTENT_TYPE;
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

/// The parameters of the query, and of the form that a POST sends, encoded and in order of their names.
fn params(wire: &Wire) -> String {
    let mut params: Vec<(String, String)> = wire.url.query_pairs().map(encoded).collect();
    let content_type = wire.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wire.method == Method::POST && content_type.starts_with("application/x-www-form-urlencoded") {
        params.extend(url::form_urlencoded::parse(&wire.body).map(encoded));
    }
    params.sort();
    params.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn encoded((name, value): (Cow<'_, str>, Cow<'_, str>)) -> (String, String) {
    (percent_encode(&name), percent_encode(&value))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};
    use url::Url;

    use super::*;

    fn signature(algorithm: &str, encoding: Encoding) -> Signature {
        let entry = Hmac {
            algorithm: algorithm.to_owned(),
            key: "{key}".to_owned(),
            message: String::new(),
            encoding,
            date: HmacDate::Rfc2822,
            header: rollcall_connector::definition::Map::default(),
        };
        Signature::new(&entry).unwrap()
    }

    /// RFC 2202 section 3 and RFC 4231 section 4.3: case 2.
    #[test]
    fn tags_are_the_standards() {
        for (algorithm, wanted) in [
            ("sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            ("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                "sha512",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            let tag = signature(algorithm, Encoding::Hex).signature("Jefe", "what do ya want for nothing?");
            assert_eq!(tag, wanted);
        }
        let tag = signature("sha1", Encoding::Base64).signature("Jefe", "what do ya want for nothing?");
        assert_eq!(tag, "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    #[test]
    fn dates_have_the_form_that_was_asked_for() {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1_345_570_158_900);
        assert_eq!(date(HmacDate::Rfc2822, now).unwrap(), "Tue, 21 Aug 2012 17:29:18 -0000");
        assert_eq!(date(HmacDate::Iso8601, now).unwrap(), "2012-08-21T17:29:18Z");
        assert_eq!(date(HmacDate::Epoch, now).unwrap(), "1345570158");
    }

    #[test]
    fn parameters_are_sorted_by_name_and_encoded() {
        let mut wire = Wire {
            method: Method::GET,
            url: Url::parse("https://a.example.com/x?b=1&a1=2&a=3%204&a=%7E*&%C3%BC=+").unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: std::time::Duration::ZERO,
            max_bytes: 0,
        };
        assert_eq!(params(&wire), "%C3%BC=%20&a=3%204&a=~%2A&a1=2&b=1");
        wire.method = Method::POST;
        wire.url.set_query(None);
        wire.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        wire.body = Bytes::from_static(b"username=root&realname=First+Last");
        assert_eq!(params(&wire), "realname=First%20Last&username=root");
    }
}
