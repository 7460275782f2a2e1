//! OAuth 1.0a request signatures, RFC 5849, with HMAC-SHA1 or HMAC-SHA256.

use std::time::SystemTime;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use rollcall_connector::definition::OAuth1;
use rollcall_connector::template::{Template, percent_encode};
use url::Url;

use super::fixed::insert;
use super::values::{self, Values};
use super::{mistake, random};
use crate::fault::Fault;
use crate::transport::Wire;

/// An `oauth1` entry.
pub(super) struct Consumer {
    key: Template,
    secret: Template,
    token: Option<Template>,
    token_secret: Option<Template>,
    realm: Option<Template>,
    method: &'static str,
    algorithm: hmac::Algorithm,
}

impl Consumer {
    pub fn new(entry: &OAuth1) -> Result<Self, Fault> {
        let (method, algorithm) = match entry.signature.as_str() {
            "HMAC-SHA1" => ("HMAC-SHA1", hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            "HMAC-SHA256" => ("HMAC-SHA256", hmac::HMAC_SHA256),
            other => return Err(mistake(format!("unknown `oauth1` signature `{other}`"))),
        };
        let template = |text: &Option<String>| text.as_deref().map(values::parse).transpose();
        Ok(Self {
            key: values::parse(&entry.consumer_key)?,
            secret: values::parse(&entry.consumer_secret)?,
            token: template(&entry.token)?,
            token_secret: template(&entry.token_secret)?,
            realm: template(&entry.realm)?,
            method,
            algorithm,
        })
    }

    pub fn sign(&self, wire: &mut Wire, values: &Values, now: SystemTime) -> Result<(), Fault> {
        let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
        let header = self.header(wire, values, &seconds, &random::hex::<16>()?)?;
        insert(wire, "Authorization", &header)
    }

    fn header(&self, wire: &Wire, values: &Values, timestamp: &str, nonce: &str) -> Result<String, Fault> {
        let lookup = |name: &str| values.get(name);
        let some = |template: &Option<Template>| {
            template.as_ref().map_or(Ok(None), |template| values::optional(template, &lookup))
        };
        let mut protocol = vec![
            ("oauth_consumer_key", values::required(&self.key, &lookup)?),
            ("oauth_nonce", nonce.to_owned()),
            ("oauth_signature_method", self.method.to_owned()),
            ("oauth_timestamp", timestamp.to_owned()),
            ("oauth_version", "1.0".to_owned()),
        ];
        protocol.extend(some(&self.token)?.map(|token| ("oauth_token", token)));
        let base = base_string(wire, &protocol);
        let key = format!(
            "{}&{}",
            percent_encode(&values::required(&self.secret, &lookup)?),
            percent_encode(&some(&self.token_secret)?.unwrap_or_default())
        );
        protocol.push(("oauth_signature", signature(self.algorithm, &key, &base)));
        let mut parts: Vec<String> =
            some(&self.realm)?.map(|realm| format!("realm=\"{}\"", percent_encode(&realm))).into_iter().collect();
        parts.extend(protocol.iter().map(|(name, value)| format!("{name}=\"{}\"", percent_encode(value))));
        Ok(format!("OAuth {}", parts.join(", ")))
    }
}

fn signature(algorithm: hmac::Algorithm, key: &str, base: &str) -> String {
    STANDARD.encode(hmac::sign(&hmac::Key::new(algorithm, key.as_bytes()), base.as_bytes()))
}

/// The signature base string, section 3.4.1.
fn base_string(wire: &Wire, protocol: &[(&str, String)]) -> String {
    let mut parameters: Vec<(String, String)> =
        wire.url.query_pairs().map(|(name, value)| encoded(&name, &value)).collect();
    let content_type = wire.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    {
        parameters.extend(url::form_urlencoded::parse(&wire.body).map(|(name, value)| encoded(&name, &value)));
    }
    parameters.extend(protocol.iter().map(|(name, value)| encoded(name, value)));
    parameters.sort();
    let joined: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!(
        "{}&{}&{}",
        wire.method.as_str().to_ascii_uppercase(),
        percent_encode(&base_url(&wire.url)),
        percent_encode(&joined.join("&"))
    )
}

fn encoded(name: &str, value: &str) -> (String, String) {
    (percent_encode(name), percent_encode(value))
}

/// Scheme, host, port when it is not the default, and path. `Url` holds scheme and host in lower case already.
fn base_url(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}
