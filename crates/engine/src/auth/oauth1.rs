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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Method};

    use super::*;

    fn wire(method: Method, url: &str, form: Option<&'static str>) -> Wire {
        let mut headers = HeaderMap::new();
        if form.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        }
        let body = Bytes::from_static(form.unwrap_or_default().as_bytes());
        Wire { method, url: Url::parse(url).unwrap(), headers, body, timeout: std::time::Duration::ZERO, max_bytes: 0 }
    }

    fn protocol(key: &str, token: &str, timestamp: &str, nonce: &str) -> Vec<(&'static str, String)> {
        vec![
            ("oauth_consumer_key", key.to_owned()),
            ("oauth_token", token.to_owned()),
            ("oauth_signature_method", "HMAC-SHA1".to_owned()),
            ("oauth_timestamp", timestamp.to_owned()),
            ("oauth_nonce", nonce.to_owned()),
        ]
    }

    /// RFC 5849, section 3.4.1.1: parameters of the query, the body and the header; repeated, empty and encoded ones.
    #[test]
    fn the_base_string_is_the_standards() {
        let wire =
            wire(Method::POST, "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", Some("c2&a3=2+q"));
        let base = base_string(&wire, &protocol("9djdj82h48djs9d2", "kkk9d7dh3k39sjv7", "137131201", "7d8f3e4a"));
        assert_eq!(
            base,
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26\
             oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26\
             oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }

    /// RFC 5849, section 1.2: the request for a photo.
    #[test]
    fn the_signature_is_the_standards() {
        let wire = wire(Method::GET, "http://photos.example.net/photos?file=vacation.jpg&size=original", None);
        let base = base_string(&wire, &protocol("dpf43f3p2l4k3l03", "nnch734d00sl2jdk", "137131202", "chapoH"));
        let signature = signature(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "kd94hf93k423kf44&pfkkdhi9sl3r4s00", &base);
        assert_eq!(signature, "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    #[test]
    fn only_a_form_is_part_of_the_base_string() {
        let mut json = wire(Method::POST, "https://a.example.com/x", Some("a=b"));
        json.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(base_string(&json, &[]), "POST&https%3A%2F%2Fa.example.com%2Fx&");
        json.headers.insert(CONTENT_TYPE, HeaderValue::from_static("Application/X-WWW-Form-Urlencoded; charset=utf-8"));
        assert_eq!(base_string(&json, &[]), "POST&https%3A%2F%2Fa.example.com%2Fx&a%3Db");
    }

    #[test]
    fn a_port_counts_when_it_is_not_the_default() {
        assert_eq!(base_url(&Url::parse("https://a.example.com:443/").unwrap()), "https://a.example.com/");
        assert_eq!(base_url(&Url::parse("https://a.example.com:8443/p?q").unwrap()), "https://a.example.com:8443/p");
    }
}
