//! Sessions: a login call that gives a token, cookies or both, and perhaps a second call.

use std::fmt;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::SET_COOKIE;
use rollcall_connector::definition::{BasicAuth, FaultKind, Login, Map, Session, TokenSource};
use rollcall_connector::request::{RequestParts, RequestTemplate};
use rollcall_connector::template::Template;
use rollcall_model::Secret;
use serde_json::Value;
use url::Url;

use super::fixed::{add_cookies, set_header};
use super::state::Granted;
use super::token;
use super::values::{self, Values};
use super::words::Refusal;
use super::{Caller, mistake};
use crate::fault::Fault;
use crate::format::Path;
use crate::transport::Answer;

/// A `session` entry.
pub(super) struct SignIn {
    base: Template,
    login: Call,
    token: Option<Source>,
    then: Option<(Call, Option<Source>)>,
    cookies: bool,
    lifetime: Option<Duration>,
}

struct Call {
    request: RequestTemplate,
    basic: Option<(Template, Template)>,
}

enum Source {
    Path(Path),
    Header(String),
}

impl SignIn {
    pub fn new(entry: &Session, base: &str) -> Result<Self, Fault> {
        Ok(Self {
            base: values::parse(base)?,
            login: Call::new(&entry.login)?,
            token: entry.token.as_ref().map(source).transpose()?,
            then: match &entry.then {
                Some(then) => Some((Call::new(then)?, entry.then_token.as_ref().map(source).transpose()?)),
                None => None,
            },
            cookies: entry.cookies,
            lifetime: entry.lifetime_seconds.map(|seconds| Duration::from_secs(seconds.into())),
        })
    }

    /// Whether its token travels as Bearer by default. Where cookies carry the session, the token is a step of the login only.
    pub fn is_bearer(&self) -> bool {
        !self.cookies && (self.token.is_some() || matches!(&self.then, Some((_, Some(_)))))
    }

    pub async fn obtain(&self, values: &Values, caller: &dyn Caller) -> Result<Granted, Fault> {
        let since = caller.now();
        let (mut found, mut cookies) = self.call(&self.login, self.token.as_ref(), None, None, values, caller).await?;
        if let Some((call, source)) = &self.then {
            let (second, more) =
                self.call(call, source.as_ref(), found.as_deref(), cookies.as_ref(), values, caller).await?;
            found = second.or(found);
            cookies = match (cookies, more) {
                (Some(first), Some(second)) => Some(first.with(second)),
                (first, second) => second.or(first),
            };
        }
        Ok(Granted {
            token: found.map(Secret::new),
            cookies,
            since: Some(since),
            until: self.lifetime.and_then(|lifetime| since.checked_add(lifetime)),
            ..Granted::default()
        })
    }

    async fn call(
        &self,
        call: &Call,
        source: Option<&Source>,
        token: Option<&str>,
        cookies: Option<&Cookies>,
        values: &Values,
        caller: &dyn Caller,
    ) -> Result<(Option<String>, Option<Cookies>), Fault> {
        let now = caller.now();
        // The token of an earlier sign-in must not be seen: the login begins anew, at most with what the operator gave.
        let lookup = |name: &str| match name {
            "access_token" => token.map(str::to_owned).or_else(|| values.account.value(name)),
            name => values.at(name, now),
        };
        // The base may hold what only a later call discovers: it is not touched for a login elsewhere.
        let base = if call.request.absolute { String::new() } else { values::required(&self.base, &lookup)? };
        let mut request = call.request.render(&base, &lookup).map_err(|problem| {
            Fault::new(FaultKind::Credential, format!("cannot sign in: {problem}"))
                .hint("give the missing value for this account")
        })?;
        if let Some((username, password)) = &call.basic {
            let pair = format!("{}:{}", values::required(username, &lookup)?, values::required(password, &lookup)?);
            set_header(&mut request, "Authorization", format!("Basic {}", STANDARD.encode(pair)))?;
        }
        if let Some(header) = cookies.and_then(|cookies| cookies.header_for(&request.url)) {
            add_cookies(&mut request, &header);
        }
        let url = request.url.clone();
        let answer = caller.call(request).await?;
        let mut secrets = values.secrets();
        secrets.extend(token.map(str::to_owned));
        let refusal = |purpose| {
            let secrets = secrets.clone();
            Refusal { url: &url, purpose, answer: &answer, secrets, now, is_login: true }.fault()
        };
        if !answer.status.is_success() {
            return Err(refusal("sign in"));
        }
        let found = match source {
            Some(source) => Some(source.find(&answer).ok_or_else(|| refusal("sign in"))?),
            None => None,
        };
        let set = if self.cookies { Cookies::read(&answer, &url, now) } else { None };
        if self.cookies && found.is_none() && set.is_none() && cookies.is_none() {
            return Err(refusal("sign in with cookies"));
        }
        Ok((found, set))
    }
}

impl Call {
    fn new(login: &Login) -> Result<Self, Fault> {
        let parts = RequestParts {
            get: login.get.as_deref(),
            post: login.post.as_deref(),
            query: &login.query,
            headers: &login.headers,
            body: login.body.as_ref(),
            auth: &[],
        };
        let request = RequestTemplate::compile(&parts, &Map::default()).map_err(|mistakes| {
            let texts: Vec<String> = mistakes.into_iter().map(|(_, message)| message).collect();
            mistake(format!("the login cannot be read: {}", texts.join("; ")))
        })?;
        let basic = match &login.basic {
            Some(BasicAuth { username, password }) => Some((values::parse(username)?, values::parse(password)?)),
            None => None,
        };
        Ok(Self { request, basic })
    }
}

impl Source {
    fn find(&self, answer: &Answer) -> Option<String> {
        match self {
            Self::Header(name) => {
                let text = answer.headers.get(name)?.to_str().ok()?.trim();
                (!text.is_empty()).then(|| text.to_owned())
            }
            Self::Path(path) => match serde_json::from_slice::<Value>(&answer.body) {
                Ok(body) => token::text(path.get(&body)?),
                // The whole body is the token: some logins answer it bare.
                Err(_) if path.steps().is_empty() => bare(&answer.body),
                Err(_) => None,
            },
        }
    }
}

/// A token as plain text, which is one word; a page or a sentence is none.
fn bare(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_word = !text.is_empty() && !text.starts_with('<') && !text.contains(char::is_whitespace);
    is_word.then(|| text.to_owned())
}

fn source(source: &TokenSource) -> Result<Source, Fault> {
    Ok(match source {
        TokenSource::Path(path) => Source::Path(token::path(path)?),
        TokenSource::Header(at) => Source::Header(at.header.clone()),
    })
}

/// The cookies of a login: sent to its host only, never from https to http.
#[derive(Clone)]
pub(super) struct Cookies {
    host: String,
    secure: bool,
    pairs: Vec<(String, Secret<String>)>,
}

impl Cookies {
    fn read(answer: &Answer, url: &str, now: SystemTime) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let mut pairs: Vec<(String, Secret<String>)> = Vec::new();
        for header in answer.headers.get_all(SET_COOKIE) {
            let Some((name, value, is_over)) = header.to_str().ok().and_then(|text| cookie(text, now)) else {
                continue;
            };
            pairs.retain(|(known, _)| *known != name);
            if !is_over {
                pairs.push((name, Secret::new(value)));
            }
        }
        let host = url.host_str()?.to_ascii_lowercase();
        (!pairs.is_empty()).then(|| Self { host, secure: url.scheme() == "https", pairs })
    }

    /// These with later ones over them. A second call on another host has its own.
    fn with(mut self, later: Self) -> Self {
        if self.host != later.host {
            return later;
        }
        self.pairs.retain(|(name, _)| later.pairs.iter().all(|(other, _)| other != name));
        self.pairs.extend(later.pairs.iter().cloned());
        self
    }

    /// The `Cookie` header for a URL, when they may go there.
    pub fn header_for(&self, url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        let same_host = url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(&self.host));
        if !same_host || (self.secure && url.scheme() != "https") {
            return None;
        }
        let pairs: Vec<String> = self.pairs.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
        Some(pairs.join("; "))
    }

    pub fn secrets(&self) -> impl Iterator<Item = Secret<String>> {
        self.pairs.iter().map(|(_, value)| value.clone())
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookies").field("host", &self.host).field("pairs", &self.pairs).finish_non_exhaustive()
    }
}

/// Name, value, and whether the header takes the cookie away (RFC 6265 section 5.2).
fn cookie(header: &str, now: SystemTime) -> Option<(String, String, bool)> {
    let mut parts = header.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() {
        return None;
    }
    let mut max_age = None;
    let mut expires = None;
    for part in parts {
        let (key, text) = part.split_once('=').unwrap_or((part, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "max-age" => max_age = text.trim().parse::<i64>().ok(),
            "expires" => {
                expires = jiff::fmt::rfc2822::parse(text.trim()).ok().map(|time| SystemTime::from(time.timestamp()))
            }
            _ => {}
        }
    }
    let is_over = match (max_age, expires) {
        (Some(seconds), _) => seconds <= 0,
        (None, Some(time)) => time <= now,
        (None, None) => false,
    };
    Some((name.to_owned(), value.to_owned(), is_over))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(url: &str, headers: &[&'static str]) -> Option<Cookies> {
        let mut answer =
            Answer { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body: bytes::Bytes::new() };
        for header in headers {
            answer.headers.append(SET_COOKIE, http::HeaderValue::from_static(header));
        }
        Cookies::read(&answer, url, SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
    }

    #[test]
    fn only_names_and_values_go_back() {
        let cookies =
            jar("https://a.example.com/login", &["sid=1=2; Path=/; HttpOnly", "csrf=\"x\"; Max-Age=60", "bad", "=x"])
                .unwrap();
        assert_eq!(cookies.header_for("https://a.example.com/users").unwrap(), "sid=1=2; csrf=\"x\"");
        assert!(!format!("{cookies:?}").contains("1=2"));
    }

    #[test]
    fn cookies_stay_with_their_host() {
        let cookies = jar("https://a.example.com/login", &["sid=1"]).unwrap();
        for elsewhere in [
            "https://b.example.com/",
            "https://example.com/",
            "https://a.example.com.example.org/",
            "http://a.example.com/",
            "nonsense",
        ] {
            assert_eq!(cookies.header_for(elsewhere), None, "{elsewhere}");
        }
        assert!(cookies.header_for("https://A.example.com:8443/x").is_some());
    }

    #[test]
    fn a_cookie_that_is_taken_away_is_gone() {
        assert!(jar("https://a.example.com/", &["sid=1", "sid=; Max-Age=0"]).is_none());
        assert!(jar("https://a.example.com/", &["sid=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]).is_none());
        assert!(jar("https://a.example.com/", &["sid=1; Expires=Tue, 01 Jan 2030 00:00:00 GMT"]).is_some());
    }

    #[test]
    fn a_bare_body_is_a_token_only_as_one_word() {
        assert_eq!(bare(b" abc\n").as_deref(), Some("abc"));
        assert_eq!(bare(b"<html>"), None);
        assert_eq!(bare(b"wrong password"), None);
    }
}
