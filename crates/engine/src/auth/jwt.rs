//! Signed assertions: JWT (RFC 7519) as a token, and exchanged for one (RFC 7523, and the Bearer-in-empty-POST of app installations).

use std::time::{Duration, SystemTime};

use jsonwebtoken::{Algorithm, Header};
use rollcall_connector::definition::{FaultKind, Jwt};
use rollcall_connector::request::RequestBody;
use rollcall_connector::template::Template;
use rollcall_model::Secret;
use serde_json::{Map as JsonMap, Value};

use super::oauth2::{overlay, pair, post, templates};
use super::state::Granted;
use super::token::Shape;
use super::values::{self, Values};
use super::words::Refusal;
use super::{Caller, key, mistake, random};
use crate::fault::Fault;

/// The provider's clock may be behind ours; an assertion "from the future" is refused.
const BACKDATED: u64 = 30;
/// An assertion younger than this is not worth signing again after a refusal.
const YOUNG: Duration = Duration::from_secs(60);

/// A `jwt` entry.
pub(super) struct Assertion {
    algorithm: Algorithm,
    key: Option<Template>,
    key_file: Option<Template>,
    key_id: Option<Template>,
    claims: Vec<(String, Claim)>,
    lifetime: u64,
    exchange: Option<Exchange>,
}

enum Claim {
    Text(Template),
    List(Vec<Claim>),
    Object(Vec<(String, Claim)>),
    Constant(Value),
}

struct Exchange {
    token: Template,
    grant: Option<String>,
    extra: Vec<(String, Template)>,
    /// An extra names `{assertion}`: the assertion travels there, not as `assertion`.
    places_assertion: bool,
    shape: Shape,
}

/// A key file's `private_key` and `private_key_id`.
type FileKey = (Option<String>, Option<String>);

impl Assertion {
    pub fn new(entry: &Jwt) -> Result<Self, Fault> {
        if entry.key.is_none() && entry.key_file.is_none() {
            return Err(mistake("`jwt` needs `key` or `key_file`"));
        }
        let exchange = match &entry.exchange {
            None => None,
            Some(exchange) => {
                let extra = templates(&exchange.extra)?;
                Some(Exchange {
                    token: values::parse(&exchange.token)?,
                    grant: exchange.grant.clone(),
                    places_assertion: extra
                        .iter()
                        .any(|(_, template)| template.names().any(|name| name == "assertion")),
                    extra,
                    shape: Shape::new(exchange.token_path.as_deref(), exchange.instance_url.as_deref())?,
                })
            }
        };
        Ok(Self {
            algorithm: entry
                .algorithm
                .parse()
                .map_err(|_| mistake(format!("unknown `jwt` algorithm `{}`", entry.algorithm)))?,
            key: entry.key.as_deref().map(values::parse).transpose()?,
            key_file: entry.key_file.as_deref().map(values::parse).transpose()?,
            key_id: entry.key_id.as_deref().map(values::parse).transpose()?,
            claims: entry
                .claims
                .iter()
                .map(|(name, value)| Ok((name.to_owned(), claim(value)?)))
                .collect::<Result<_, Fault>>()?,
            lifetime: u64::from(entry.lifetime_seconds),
            exchange,
        })
    }

    /// A fresh assertion, exchanged where the entry says so.
    pub async fn obtain(&self, values: &Values, caller: &dyn Caller) -> Result<Granted, Fault> {
        let since = caller.now();
        let assertion = self.sign(values, since)?;
        let Some(exchange) = &self.exchange else {
            let until = since.checked_add(Duration::from_secs(self.lifetime.saturating_sub(BACKDATED)));
            return Ok(Granted {
                token: Some(Secret::new(assertion)),
                since: Some(since),
                until,
                ..Granted::default()
            });
        };
        exchange.call(&assertion, values, since, caller).await
    }

    /// Whether another assertion may fare better than the refused one.
    pub fn is_renewable(&self, values: &Values, now: SystemTime) -> bool {
        let age = values.state().since().and_then(|since| now.duration_since(since).ok());
        self.exchange.is_some() || age.is_none_or(|age| age >= YOUNG)
    }

    /// Secrets inside a key file.
    pub fn secrets(&self, values: &Values) -> Vec<String> {
        self.file(values).ok().flatten().and_then(|(private_key, _)| private_key).into_iter().collect()
    }

    fn sign(&self, values: &Values, now: SystemTime) -> Result<String, Fault> {
        let (file_key, file_key_id) = self.file(values)?.unwrap_or_default();
        let seconds =
            now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().saturating_sub(BACKDATED);
        let nonce = random::hex::<16>()?;
        let lookup = |name: &str| if name == "nonce" { Some(nonce.clone()) } else { values.at(name, now) };
        let key = match &self.key {
            Some(template) => values::required(template, &lookup)?,
            None => file_key.ok_or_else(|| unreadable_file("has no `private_key`"))?,
        };
        let mut header = Header::new(self.algorithm);
        header.kid = match &self.key_id {
            Some(template) => values::optional(template, &lookup)?,
            None => file_key_id,
        };
        let mut claims = JsonMap::new();
        claims.insert("iat".to_owned(), seconds.into());
        claims.insert("exp".to_owned(), (seconds + self.lifetime).into());
        for (name, claim) in &self.claims {
            if let Some(value) = claim.render(&lookup)? {
                claims.insert(name.clone(), value);
            }
        }
        let key = key::read(self.algorithm, &key)?;
        jsonwebtoken::encode(&header, &Value::Object(claims), &key).map_err(|_| {
            Fault::new(FaultKind::Credential, format!("the key cannot sign with {:?}", self.algorithm))
                .hint("check that it is the private key of the right kind")
        })
    }

    fn file(&self, values: &Values) -> Result<Option<FileKey>, Fault> {
        let Some(template) = &self.key_file else { return Ok(None) };
        let text = values::required(template, &|name| values.get(name))?;
        // Serde's message may quote the file: it is left out.
        let json: JsonMap<String, Value> =
            serde_json::from_str(&text).map_err(|_| unreadable_file("is not a JSON object"))?;
        let of = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Some((of("private_key"), of("private_key_id"))))
    }
}

impl Exchange {
    async fn call(
        &self,
        assertion: &str,
        values: &Values,
        since: SystemTime,
        caller: &dyn Caller,
    ) -> Result<Granted, Fault> {
        let lookup = |name: &str| if name == "assertion" { Some(assertion.to_owned()) } else { values.at(name, since) };
        let url = values::url(&self.token, &lookup)?;
        let mut headers = vec![pair("Accept", "application/json")];
        let mut members = Vec::new();
        match &self.grant {
            Some(grant) => {
                members.push(pair("grant_type", grant));
                if !self.places_assertion {
                    members.push(pair("assertion", assertion));
                }
            }
            None => headers.push(pair("Authorization", format!("Bearer {assertion}"))),
        }
        overlay(&mut members, &self.extra, &lookup)?;
        let body = if members.is_empty() { RequestBody::None } else { RequestBody::Form(members) };
        let answer = caller.call(post(&url, headers, body)).await?;
        self.shape.read(&answer, since).ok_or_else(|| {
            let mut secrets = values.secrets();
            secrets.push(assertion.to_owned());
            Refusal {
                url: &url,
                purpose: "exchange the signed assertion",
                answer: &answer,
                secrets,
                now: since,
                is_login: false,
            }
            .fault()
        })
    }
}

impl Claim {
    /// The value, or nothing when an optional value in it is not given.
    fn render(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<Value>, Fault> {
        Ok(match self {
            Self::Text(template) => values::optional(template, lookup)?.map(Value::String),
            Self::Constant(value) => Some(value.clone()),
            Self::List(items) => {
                let mut list = Vec::new();
                for item in items {
                    list.extend(item.render(lookup)?);
                }
                Some(Value::Array(list))
            }
            Self::Object(members) => {
                let mut object = JsonMap::new();
                for (name, member) in members {
                    object.extend(member.render(lookup)?.map(|value| (name.clone(), value)));
                }
                Some(Value::Object(object))
            }
        })
    }
}

fn claim(value: &Value) -> Result<Claim, Fault> {
    Ok(match value {
        Value::String(text) => Claim::Text(values::parse(text)?),
        Value::Array(items) => Claim::List(items.iter().map(claim).collect::<Result<_, _>>()?),
        Value::Object(members) => Claim::Object(
            members.iter().map(|(name, value)| Ok((name.clone(), claim(value)?))).collect::<Result<_, Fault>>()?,
        ),
        constant => Claim::Constant(constant.clone()),
    })
}

fn unreadable_file(what: &str) -> Fault {
    Fault::new(FaultKind::Credential, format!("the key file {what}"))
        .hint("give the whole JSON file as the provider's console made it")
}
