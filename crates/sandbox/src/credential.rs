//! Does a request carry a credential that the connector describes? The word `sandbox` is the right secret everywhere.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rollcall_connector::definition::{Auth, Definition};
use rollcall_connector::template::{Position, Template};

use crate::incoming::Incoming;
use crate::pattern::Pattern;
use crate::sign_in::TOKEN;

/// Which values of which fields are right.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// Fields that hold a secret; any value is right in the others.
    fields: BTreeSet<String>,
    /// Further right values: those of the cases, and tokens that were given out.
    values: HashMap<String, Vec<String>>,
}

impl Secrets {
    /// The secrets of a connector.
    pub fn new(definition: &Definition, given: &HashMap<String, Vec<String>>, issued: Vec<String>) -> Self {
        let mut fields: BTreeSet<String> = ["access_token", "client_secret", "refresh_token"].map(str::to_owned).into();
        for name in definition.auth.keys() {
            fields.extend(
                rollcall_connector::account::inputs(definition, name)
                    .into_iter()
                    .filter(|(_, field)| field.secret)
                    .map(|(name, _)| name),
            );
        }
        let mut values = given.clone();
        values.entry("access_token".to_owned()).or_default().extend(issued);
        Self { fields, values }
    }

    /// Whether a value is right.
    pub fn accepts(&self, name: &str, value: &str) -> bool {
        !self.fields.contains(name)
            || value == TOKEN
            || self.values.get(name).is_some_and(|known| known.iter().any(|known| known == value))
    }

    /// Every combination that a template with functions may render to would be many: the first right value of each is tried.
    fn rendered(&self, template: &Template) -> Vec<String> {
        let names: Vec<&str> = template.names().collect();
        let most = names.iter().map(|name| self.values.get(*name).map_or(0, Vec::len)).max().unwrap_or(0);
        (0..=most)
            .filter_map(|index| {
                template
                    .render(Position::Plain, &|name| match index.checked_sub(1) {
                        None => Some(TOKEN.to_owned()),
                        Some(index) => Some(
                            self.values
                                .get(name)
                                .and_then(|known| known.get(index))
                                .cloned()
                                .unwrap_or_else(|| TOKEN.to_owned()),
                        ),
                    })
                    .ok()
            })
            .collect()
    }

    fn fits(&self, template: &str, found: &str) -> bool {
        let Ok(template) = Template::parse(template) else { return false };
        let Some(captures) = Pattern::of(&template).text(found) else { return false };
        captures.iter().all(|(name, value)| self.accepts(name, value))
            || self.rendered(&template).iter().any(|right| right == found)
    }
}

/// Whether one of the connector's credentials is on a request.
pub fn is_signed(definition: &Definition, secrets: &Secrets, request: &Incoming) -> bool {
    definition.auth.iter().any(|(_, auth)| carries(auth, secrets, request))
}

/// Whether any credential answers a challenge.
pub fn wants_challenge(definition: &Definition) -> bool {
    definition.auth.iter().any(|(_, auth)| auth.digest.is_some())
}

fn carries(auth: &Auth, secrets: &Secrets, request: &Incoming) -> bool {
    let authorization = request.header("authorization").unwrap_or_default();
    let late = ["signature", "date", "nonce", "now", "today"];
    let header = |name: &str, template: &str| match request.header(name) {
        Some(found) if late.iter().any(|word| template.contains(&format!("{{{word}"))) => {
            Pattern::parse(template).text(found).is_some()
        }
        Some(found) => secrets.fits(template, found),
        // What names something optional may be left out.
        None => template.contains('{') && !name.eq_ignore_ascii_case("authorization") && optional(auth, template),
    };
    let own_headers = auth.header.iter().all(|(name, template)| header(name, template));
    let own_query = auth.query.iter().all(|(name, template)| {
        request.query(name).map_or_else(|| optional(auth, template), |found| secrets.fits(template, found))
    });
    let member = |name: &str| {
        request
            .form
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
            .or_else(|| request.json.as_ref()?.get(name).map(rollcall_connector::request::text))
    };
    let own_body = auth.body.iter().all(|(name, template)| {
        member(name).map_or_else(|| optional(auth, template), |found| secrets.fits(template, &found))
    });
    if !(own_headers && own_query && own_body) {
        return false;
    }
    if let Some(basic) = &auth.basic {
        let decoded = authorization
            .strip_prefix("Basic ")
            .and_then(|text| STANDARD.decode(text).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((username, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) else { return false };
        return secrets.fits(&basic.username, username)
            && (basic.password.is_empty() && password.is_empty() || secrets.fits(&basic.password, password));
    }
    if auth.sigv4.is_some() {
        let words = ["Credential=", "SignedHeaders=", "Signature="];
        return authorization.starts_with("AWS4-HMAC-SHA256 ")
            && words.iter().all(|word| authorization.contains(word))
            && request.headers.contains_key("x-amz-date");
    }
    if let Some(hmac) = &auth.hmac {
        return hmac.header.iter().all(|(name, template)| header(name, template));
    }
    if auth.oauth1.is_some() {
        let words = ["oauth_consumer_key=\"", "oauth_nonce=\"", "oauth_timestamp=\"", "oauth_signature=\""];
        return authorization.starts_with("OAuth ") && words.iter().all(|word| authorization.contains(word));
    }
    if auth.digest.is_some() {
        let words = ["username=\"", "nonce=\"", "uri=\"", "response=\""];
        return authorization.starts_with("Digest ") && words.iter().all(|word| authorization.contains(word));
    }
    let gives_token = auth.oauth2.is_some()
        || auth.jwt.is_some()
        || auth.session.as_ref().is_some_and(|session| session.token.is_some() || session.then_token.is_some());
    let placed = auth
        .header
        .iter()
        .chain(auth.query.iter())
        .chain(auth.body.iter())
        .any(|(_, template)| template.contains("{access_token"));
    if gives_token && !placed {
        let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
        let is_assertion = auth.jwt.as_ref().is_some_and(|jwt| jwt.exchange.is_none()) && token.split('.').count() == 3;
        return is_assertion || (!token.is_empty() && secrets.accepts("access_token", token));
    }
    if auth
        .session
        .as_ref()
        .is_some_and(|session| session.cookies && session.token.is_none() && session.then_token.is_none())
    {
        return request.headers.contains_key("cookie");
    }
    let says_nothing =
        auth.header.is_empty() && auth.query.is_empty() && auth.body.is_empty() && auth.session.is_none();
    // Nothing to check: no credential at all, or a certificate, which stands below HTTP.
    !says_nothing || auth.none.is_some() || auth.client_certificate.is_some()
}

/// Whether a template names a field that may be left out.
fn optional(auth: &Auth, template: &str) -> bool {
    Pattern::parse(template).names().any(|name| auth.fields.get(name).is_some_and(|field| field.optional))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method};
    use serde_json::json;
    use url::Url;

    use super::*;

    fn request(authorization: &str) -> Incoming {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(authorization).unwrap());
        Incoming::new(Method::GET, Url::parse("https://a.example.com/").unwrap(), headers, b"")
    }

    fn carried(auth: serde_json::Value, authorization: &str) -> bool {
        let auth: Auth = serde_json::from_value(auth).unwrap();
        let secrets = Secrets { fields: ["token", "access_token"].map(str::to_owned).into(), values: HashMap::new() };
        carries(&auth, &secrets, &request(authorization))
    }

    #[test]
    fn only_the_right_secret_passes() {
        let header = json!({"header": {"Authorization": "SSWS {token}"}});
        assert!(carried(header.clone(), "SSWS sandbox"));
        assert!(!carried(header.clone(), "SSWS other"));
        assert!(!carried(header, "Bearer sandbox"));
        let basic = json!({"basic": {"username": "{email}/token", "password": "{token}"}});
        assert!(carried(basic.clone(), &format!("Basic {}", STANDARD.encode("ada@example.com/token:sandbox"))));
        assert!(!carried(basic.clone(), &format!("Basic {}", STANDARD.encode("ada@example.com/token:x"))));
        assert!(!carried(basic, &format!("Basic {}", STANDARD.encode("ada@example.com:sandbox"))));
        let encoded = json!({"header": {"Authorization": "Basic {token|base64}"}});
        assert!(carried(encoded.clone(), &format!("Basic {}", STANDARD.encode("sandbox"))));
        assert!(!carried(encoded, &format!("Basic {}", STANDARD.encode("x"))));
    }

    #[test]
    fn signatures_must_be_there() {
        let aws = json!({"sigv4": {"service": "iam", "region": "r", "access_key": "a", "secret_key": "b"}});
        assert!(!carried(aws, "AWS4-HMAC-SHA256 Credential=a"));
        let token = json!({"jwt": {"algorithm": "RS256", "key": "{key}"}});
        assert!(carried(token.clone(), "Bearer a.b.c"));
        assert!(!carried(token, "Bearer abc"));
    }
}
