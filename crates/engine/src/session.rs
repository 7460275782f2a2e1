//! One account's conversation with its provider: signing, waiting, trying again, following redirects, sorting faults.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use rollcall_connector::definition::{Rate, ResetUnit};
use rollcall_connector::request::{Request, RequestBody, RequestTemplate, Verb};
use rollcall_connector::template::{Position, Template, Unrendered};
use rollcall_connector::{Account, Connector};
use rollcall_mapping::Scratch;
use rollcall_mapping::condition::Condition;
use serde_json::Value;
use tokio::sync::Semaphore;
use url::Url;

use crate::auth::{Authenticator, Caller, Generation, Pkce, TokenKeeper};
use crate::clock::Clock;
use crate::errors::{self, Doing};
use crate::fault::{Fault, FaultKind};
use crate::limits::Limits;
use crate::trace::{Exchange, Shown};
use crate::transport::{Answer, Transport, TransportError, Wire};
use crate::{redact, retry};

/// What a session is made of.
pub struct SessionParts {
    pub connector: Arc<Connector>,
    pub account: Arc<Account>,
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
    pub limits: Limits,
    /// Replaces scheme, host and port of every call; its path is put before every path.
    pub base_url: Option<Url>,
    /// Keeps renewed tokens, when they must outlive the process or be shared with others.
    pub keeper: Option<Arc<dyn TokenKeeper>>,
}

/// One account's conversation with its provider: one call of it. What calls share (the sign-in, rate limits) lies in its connection.
pub struct Session {
    me: Weak<Self>,
    connection: Arc<Connection>,
    limits: Limits,
    deadline: Instant,
    requests: AtomicU64,
    retries: AtomicU64,
    trace: Mutex<Option<Vec<Exchange>>>,
    rate: Mutex<Option<RateSeen>>,
}

/// What all calls of an account share.
struct Connection {
    parts: SessionParts,
    auth: Authenticator,
    discovered: tokio::sync::Mutex<bool>,
    found: Mutex<HashMap<String, String>>,
    failed_when: Option<Condition>,
    /// Not before this moment, as the provider's rate headers say.
    not_before: Mutex<Option<Instant>>,
    spacing: Option<Duration>,
    slots: Semaphore,
}

/// What the provider said last about its rate limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateSeen {
    /// Requests in a window.
    pub limit: Option<u64>,
    /// Requests left in it.
    pub remaining: Option<u64>,
    /// When it begins anew.
    pub reset: Option<Duration>,
}

/// A value of the call, beside those of the account.
pub type Extra<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

impl Session {
    /// Opens a conversation; nothing is sent yet.
    ///
    /// # Errors
    /// A credential that cannot be used: a key that is not one, a template that lacks a value.
    pub fn new(parts: SessionParts) -> Result<Arc<Self>, Fault> {
        let definition = parts.connector.definition();
        let entry = definition.auth.get(&parts.account.auth).ok_or_else(|| {
            Fault::new(FaultKind::BadRequest, format!("{} has no auth kind `{}`", definition.id, parts.account.auth))
        })?;
        let auth = Authenticator::new(entry, &definition.http.base, Arc::clone(&parts.account))?;
        let failed_when =
            definition.http.errors.failed_when.as_ref().and_then(|written| Condition::compile(written, &[]).ok());
        let slots = definition.http.concurrency.map_or(parts.limits.concurrency, |n| n as usize).max(1);
        let spacing = definition
            .http
            .requests_per_second
            .filter(|rate| *rate > 0.0)
            .map(|rate| Duration::from_secs_f64(1.0 / rate));
        let limits = parts.limits.clone();
        let connection = Connection {
            auth,
            discovered: tokio::sync::Mutex::new(false),
            found: Mutex::default(),
            failed_when,
            not_before: Mutex::default(),
            spacing,
            slots: Semaphore::new(slots),
            parts,
        };
        Ok(Self::over(Arc::new(connection), limits))
    }

    /// Another call of the same account: it shares the sign-in and the rate limits, and has its own time, bounds and counts.
    #[must_use]
    pub fn again(&self, limits: Limits) -> Arc<Self> {
        Self::over(Arc::clone(&self.connection), limits)
    }

    fn over(connection: Arc<Connection>, limits: Limits) -> Arc<Self> {
        let deadline = connection.parts.clock.instant() + limits.call_timeout;
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            connection,
            limits,
            deadline,
            requests: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            trace: Mutex::default(),
            rate: Mutex::default(),
        })
    }

    /// Itself, for a listing inside a listing.
    pub(crate) fn shared(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// The connector.
    #[must_use]
    pub fn connector(&self) -> &Arc<Connector> {
        &self.connection.parts.connector
    }

    /// The bounds.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The wall clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.connection.parts.clock.now()
    }

    /// Calls under way at once.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.connection
            .parts
            .connector
            .definition()
            .http
            .concurrency
            .map_or(self.limits.concurrency, |n| n as usize)
            .max(1)
    }

    /// Exchanges so far, retries included, and retries.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.retries.load(Ordering::Relaxed))
    }

    /// Keeps every exchange from now on, for the debug format.
    pub fn keep_trace(&self) {
        *lock(&self.trace) = Some(Vec::new());
    }

    /// The exchanges kept.
    #[must_use]
    pub fn trace(&self) -> Vec<Exchange> {
        lock(&self.trace).clone().unwrap_or_default()
    }

    /// What the provider said last about its rate limit, in this call.
    #[must_use]
    pub fn rate(&self) -> Option<RateSeen> {
        *lock(&self.rate)
    }

    /// The account's credential.
    #[must_use]
    pub fn auth(&self) -> &Authenticator {
        &self.connection.auth
    }

    /// Exchanges the code of an authorization for tokens, which go to the keeper.
    ///
    /// # Errors
    /// The provider refuses the code, or cannot be reached.
    pub async fn exchange_code(&self, code: &str, redirect_uri: &str, pkce: Option<&Pkce>) -> Result<(), Fault> {
        self.connection.auth.exchange_code(code, redirect_uri, pkce, &Plain(self)).await
    }

    /// Secrets that must not appear in any text.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        self.connection.parts.account.secrets().map(str::to_owned).chain(self.connection.auth.secrets()).collect()
    }

    /// A value that templates may use.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        match name {
            "now" => return Some(rfc3339(self.now())),
            "today" => return Some(rfc3339(self.now()).chars().take(10).collect()),
            _ => {}
        }
        self.connection
            .auth
            .value(name)
            .or_else(|| self.connection.parts.account.value(name))
            .or_else(|| lock(&self.connection.found).get(name).cloned())
    }

    /// The base of paths for this account.
    fn base(&self) -> Result<String, Fault> {
        let definition = self.connection.parts.connector.definition();
        let text = definition
            .auth
            .get(&self.connection.parts.account.auth)
            .and_then(|auth| auth.base.as_deref())
            .unwrap_or(&definition.http.base);
        let template = Template::parse(text).map_err(|message| Fault::new(FaultKind::BadRequest, message))?;
        // A base that is one setting holds a URL; a host inside a base stays as it is (the account has checked it).
        template.render(Position::Plain, &|name| self.value(name)).map_err(|missing| self.unrendered(&missing))
    }

    fn unrendered(&self, reason: &Unrendered) -> Fault {
        Fault::new(FaultKind::BadRequest, format!("{}: {reason}", self.connection.parts.connector.id()))
            .hint("give it with `--set`; `rollcall connector show` lists what the connector asks for")
    }

    /// Signs in and finds what the connector discovers, when that has not happened yet.
    ///
    /// # Errors
    /// Faults of those calls.
    pub async fn prepare(&self) -> Result<(), Fault> {
        self.sign_in().await?;
        let mut discovered = self.connection.discovered.lock().await;
        if *discovered {
            return Ok(());
        }
        let definition = self.connection.parts.connector.definition();
        for (name, discover) in definition.http.discover.iter() {
            if !discover.auth.is_empty() && !discover.auth.contains(&self.connection.parts.account.auth) {
                continue;
            }
            if self.value(name).is_some() {
                continue;
            }
            let empty = rollcall_connector::definition::Map::default();
            let parts = rollcall_connector::request::RequestParts {
                get: discover.get.as_deref(),
                post: discover.post.as_deref(),
                query: &discover.query,
                headers: &empty,
                body: None,
                auth: &[],
            };
            let template = RequestTemplate::compile(&parts, &definition.http.headers).map_err(|mistakes| {
                Fault::new(FaultKind::BadRequest, mistakes.into_iter().map(|(_, m)| m).collect::<Vec<_>>().join("; "))
            })?;
            let doing = self.doing(&format!("finding `{name}`"));
            let base = self.base().unwrap_or_default();
            let request = template.render(&base, &|n| self.value(n)).map_err(|missing| self.unrendered(&missing))?;
            let answer = self.send(request, &doing).await?;
            let document: Value = serde_json::from_slice(&answer.body).map_err(|_| self.not_json(&answer, &doing))?;
            let value =
                errors::at(&document, &discover.find).filter(|v| !v.is_null()).map(rollcall_connector::request::text);
            let Some(value) = value else {
                return Err(Fault::new(
                    FaultKind::UnexpectedShape,
                    format!("{}: the answer has no `{}` while {}", doing.connector, discover.find, doing.what),
                )
                .hint("the credential may belong to no account; check its permissions"));
            };
            self.connection.auth.learn(name, value.clone());
            lock(&self.connection.found).insert(name.to_owned(), value);
        }
        *discovered = true;
        Ok(())
    }

    async fn sign_in(&self) -> Result<(), Fault> {
        self.connection.auth.prepare(&Plain(self)).await.map_err(|fault| self.named(fault))
    }

    /// A fault of signing in, which names a host: whose sign-in it is.
    fn named(&self, mut fault: Fault) -> Fault {
        let id = self.connection.parts.connector.id();
        let rest = fault.message.strip_prefix(id);
        if !rest.is_some_and(|rest| rest.starts_with([':', ' '])) {
            fault.message = format!("{id}: {}", fault.message);
        }
        fault
    }

    /// What is being done, for messages.
    #[must_use]
    pub fn doing(&self, what: &str) -> Doing {
        Doing { connector: self.connection.parts.connector.id().to_owned(), what: what.to_owned() }
    }

    /// The request of a template with the values of the account and of the call.
    ///
    /// # Errors
    /// A value that is needed and was not given.
    pub fn render(&self, template: &RequestTemplate, extra: Extra<'_>) -> Result<Request, Fault> {
        if !template.auth.is_empty() && !template.auth.contains(&self.connection.parts.account.auth) {
            return Err(Fault::new(
                FaultKind::Permission,
                format!(
                    "{} does not offer this with the auth kind `{}`",
                    self.connection.parts.connector.id(),
                    self.connection.parts.account.auth
                ),
            )
            .hint(format!("use `--auth {}`", template.auth.join("` or `--auth "))));
        }
        let base = if template.absolute { self.base().unwrap_or_default() } else { self.base()? };
        template
            .render(&base, &|name| extra(name).or_else(|| self.value(name)))
            .map_err(|missing| self.unrendered(&missing))
    }

    /// Sends a request until it has an answer or a fault that waiting does not mend.
    ///
    /// # Errors
    /// The sorted fault.
    pub async fn send(&self, mut request: Request, doing: &Doing) -> Result<Answer, Fault> {
        self.sign_in().await?;
        let unsigned = request.clone();
        let sent = self.connection.auth.apply(&mut request)?;
        match self.attempts(&request, &unsigned, doing, Some(sent)).await {
            Err(Refusal::Challenged) => {
                let mut request = unsigned.clone();
                self.connection.auth.apply(&mut request)?;
                self.attempts(&request, &unsigned, doing, None).await.map_err(|refusal| refusal.into_fault(doing))
            }
            other => other.map_err(|refusal| refusal.into_fault(doing)),
        }
    }

    async fn attempts(
        &self,
        request: &Request,
        unsigned: &Request,
        doing: &Doing,
        challenge: Option<Generation>,
    ) -> Result<Answer, Refusal> {
        let _slot = self.connection.slots.acquire().await;
        let mut wire = self.wire(request)?;
        let mut attempt = 1;
        let mut redirects = 0;
        loop {
            self.wait_turn().await;
            if self.connection.parts.clock.instant() >= self.deadline {
                let message = format!("the call took longer than {} seconds", self.limits.call_timeout.as_secs());
                return Err(Fault { timed_out: true, ..Fault::new(FaultKind::LimitReached, message) }.into());
            }
            let mut signed = wire.clone();
            self.connection.auth.sign(&mut signed, self.now())?;
            let started = self.connection.parts.clock.instant();
            let shown = self.shown(&signed, Some(unsigned));
            let outcome = self.connection.parts.transport.send(signed).await;
            self.requests.fetch_add(1, Ordering::Relaxed);
            self.note(&wire, shown, &outcome, started);
            let fault = match outcome {
                Ok(answer) => {
                    self.heed(&answer);
                    if answer.status.is_redirection() && answer.status != StatusCode::NOT_MODIFIED {
                        redirects += 1;
                        wire = self.redirected(&wire, &answer, redirects, doing)?;
                        continue;
                    }
                    if answer.status == StatusCode::UNAUTHORIZED
                        && let Some(sent) = challenge
                        && self
                            .connection
                            .auth
                            .challenged(sent, &answer, &Plain(self))
                            .await
                            .map_err(|fault| self.named(fault))?
                    {
                        return Err(Refusal::Challenged);
                    }
                    match self.judged(answer, doing) {
                        Ok(answer) => return Ok(answer),
                        Err(fault) => *fault,
                    }
                }
                Err(fault) => self.unreachable(fault, doing),
            };
            let wait = fault.retry_after.unwrap_or_else(|| retry::backoff(attempt, jitter()));
            let too_long = wait > self.limits.wait_max || self.connection.parts.clock.instant() + wait >= self.deadline;
            if !fault.is_transient() || attempt >= self.limits.attempts_max || too_long {
                return Err(fault.into());
            }
            tracing::debug!(
                attempt,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "trying again: {fault}"
            );
            self.retries.fetch_add(1, Ordering::Relaxed);
            self.connection.parts.clock.sleep(wait).await;
            attempt += 1;
        }
    }

    /// A 2xx answer that is not an error in disguise.
    fn judged(&self, answer: Answer, doing: &Doing) -> Result<Answer, Box<Fault>> {
        let failed = !answer.status.is_success()
            || self
                .connection
                .failed_when
                .as_ref()
                .is_some_and(|condition| condition.holds(&answer.body, &[], &mut Scratch::new()).unwrap_or(false));
        if !failed {
            return Ok(answer);
        }
        let secrets = self.secrets();
        let errors = &self.connection.parts.connector.definition().http.errors;
        Err(Box::new(errors::fault_of(errors, doing, &answer, self.now(), secrets.iter().map(String::as_str))))
    }

    /// The fault of a 2xx answer that is no JSON.
    #[must_use]
    pub fn not_json(&self, answer: &Answer, doing: &Doing) -> Fault {
        let head =
            String::from_utf8_lossy(answer.body.get(..answer.body.len().min(512)).unwrap_or_default()).into_owned();
        let seen = if answer.body.is_empty() {
            "an empty body"
        } else if errors::looks_html(&head) {
            "a page for people (HTML)"
        } else {
            "something that is not JSON, or was cut off"
        };
        let fault = Fault::new(
            FaultKind::UnexpectedShape,
            format!("{} answered {} with {seen} while {}", doing.connector, answer.status.as_u16(), doing.what),
        );
        if errors::looks_html(&head) {
            fault.hint("a login page often means a wrong base URL, or a credential that is not accepted there")
        } else {
            fault.hint("the answer may have been cut on the way; try again")
        }
    }

    fn unreachable(&self, fault: TransportError, doing: &Doing) -> Fault {
        let words = self.redacted(&fault.to_string());
        let timed_out = matches!(fault, TransportError::Timeout(_));
        let fault = match fault {
            TransportError::Refused(_) => Fault::new(FaultKind::BadRequest, format!("{}: refused to call while {}: {words}", doing.connector, doing.what))
                .hint("only hosts that the connector declares are called, and private addresses only where you name the host yourself"),
            TransportError::TooLarge(_) => Fault::new(FaultKind::LimitReached, format!("{}: {words} while {}", doing.connector, doing.what)).hint("ask for smaller pages"),
            TransportError::Timeout(_) | TransportError::Connect(_) | TransportError::Broken(_) => Fault::new(FaultKind::ProviderDown, format!("{}: {words} while {}", doing.connector, doing.what)).hint("check the address and the network, or try again later"),
        };
        Fault { timed_out, ..fault }
    }

    /// The URL of a path below the base.
    ///
    /// # Errors
    /// A path that leaves the base.
    pub(crate) fn native_url(&self, path: &str) -> Result<String, Fault> {
        crate::native::check_path(path)?;
        Ok(format!("{}{path}", self.base()?.trim_end_matches('/')))
    }

    /// A serialised request.
    fn wire(&self, request: &Request) -> Result<Wire, Fault> {
        let url = self.placed(&request.full_url())?;
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let name = HeaderName::try_from(name.as_str())
                .map_err(|_| Fault::new(FaultKind::BadRequest, format!("`{name}` is not a header name")))?;
            let mut value = HeaderValue::try_from(value.as_str()).map_err(|_| {
                Fault::new(
                    FaultKind::BadRequest,
                    format!("the value of header `{name}` holds characters that headers cannot"),
                )
                .hint("check the credential for line breaks")
            })?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let (content_type, body) = match &request.body {
            RequestBody::None => (None, Bytes::new()),
            RequestBody::Json { value, content_type } => (
                Some(content_type.clone().unwrap_or_else(|| "application/json".to_owned())),
                Bytes::from(value.to_string()),
            ),
            RequestBody::Form(members) => (
                Some("application/x-www-form-urlencoded".to_owned()),
                Bytes::from(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish()),
            ),
            RequestBody::Text { text, content_type } => (Some(content_type.clone()), Bytes::from(text.clone())),
        };
        if let Some(content_type) = content_type.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.entry(http::header::CONTENT_TYPE).or_insert(content_type);
        }
        headers.entry(http::header::ACCEPT).or_insert(HeaderValue::from_static("application/json, */*;q=0.5"));
        let method = match request.verb {
            Verb::Get => http::Method::GET,
            Verb::Post => http::Method::POST,
            Verb::Put => http::Method::PUT,
            Verb::Patch => http::Method::PATCH,
            Verb::Delete => http::Method::DELETE,
        };
        let seconds = self.connection.parts.connector.definition().http.timeout_seconds;
        let timeout = seconds.map_or(self.limits.request_timeout, |s| Duration::from_secs(u64::from(s)));
        Ok(Wire { method, url, headers, body, timeout, max_bytes: self.limits.page_bytes_max })
    }

    /// A URL with the operator's scheme, host and port over it.
    fn placed(&self, text: &str) -> Result<Url, Fault> {
        let url = Url::parse(text).map_err(|_| {
            Fault::new(
                FaultKind::BadRequest,
                format!("{}: a request's URL is not one", self.connection.parts.connector.id()),
            )
            .hint("check the settings that name hosts and URLs")
        })?;
        let Some(base) = &self.connection.parts.base_url else { return Ok(url) };
        let mut placed = base.clone();
        let prefix = base.path().trim_end_matches('/');
        // What a provider's own link brings back already has the prefix.
        let path = if !prefix.is_empty() && url.path().starts_with(prefix) && url.host_str() == base.host_str() {
            url.path().to_owned()
        } else {
            format!("{prefix}{}", url.path())
        };
        placed.set_path(&path);
        placed.set_query(url.query());
        Ok(placed)
    }

    /// The next URL of a provider, made absolute: only path and query are taken over when the host is not a declared one of ours.
    ///
    /// # Errors
    /// A link that is no URL or leads to a host the connector does not declare.
    pub fn next_url(&self, current: &str, link: &str) -> Result<Url, Fault> {
        let bad = || {
            Fault::new(
                FaultKind::UnexpectedShape,
                format!("{}: the provider's next link is not a URL", self.connection.parts.connector.id()),
            )
        };
        let current = Url::parse(current).map_err(|_| bad())?;
        let next = current.join(link).map_err(|_| bad())?;
        if self.connection.parts.base_url.is_some() {
            return self.placed(next.as_str());
        }
        let same = next.host_str() == current.host_str();
        let declared = next.host_str().is_some_and(|host| {
            crate::hosts::declared(&self.connection.parts.connector, &self.connection.parts.account, host)
        });
        // On another port of a host lives another service, which the credential is not for.
        let port = next.port_or_known_default();
        let known_port = port == Some(443) || (same && port == current.port_or_known_default());
        if !(same || declared) || !known_port || (next.scheme() != current.scheme() && next.scheme() != "https") {
            return Err(Fault::new(
                FaultKind::UnexpectedShape,
                format!(
                    "{}: the next link leads to `{}`, which the connector does not declare",
                    self.connection.parts.connector.id(),
                    next.host_str().map_or("?".to_owned(), |host| match next.port() {
                        Some(port) => format!("{host}:{port}"),
                        None => host.to_owned(),
                    })
                ),
            )
            .hint("nothing was sent there; if the provider moved, the connector's `http.hosts` must name the host"));
        }
        Ok(next)
    }

    fn redirected(&self, wire: &Wire, answer: &Answer, redirects: u32, doing: &Doing) -> Result<Wire, Fault> {
        let location = answer.headers.get(http::header::LOCATION).and_then(|v| v.to_str().ok());
        let strange = |why: &str| {
            Fault::new(
                FaultKind::UnexpectedShape,
                format!("{} answered {} {why} while {}", doing.connector, answer.status.as_u16(), doing.what),
            )
            .hint("check the base URL: a redirect to a login page looks like this")
        };
        let Some(location) = location else { return Err(strange("without a location")) };
        if redirects > self.limits.redirects_max {
            return Err(strange("again and again"));
        }
        if wire.method != http::Method::GET
            && !matches!(answer.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
        {
            return Err(strange("to a POST"));
        }
        let mut next = wire.clone();
        next.url = self
            .next_url(wire.url.as_str(), location)
            .map_err(|_| strange("with a redirect to a host that the connector does not declare"))?;
        Ok(next)
    }

    /// Takes note of rate headers: when nothing remains, the next call waits for the reset.
    fn heed(&self, answer: &Answer) {
        let Some(rate) = &self.connection.parts.connector.definition().http.rate else { return };
        let number = |name: &Option<String>| {
            let text = answer.headers.get(name.as_ref()?)?.to_str().ok()?;
            text.trim().parse::<f64>().ok().filter(|number| *number >= 0.0)
        };
        let remaining = number(&rate.remaining);
        let reset = reset(rate, &answer.headers, self.now());
        let whole = |number: f64| number.min(u64::MAX as f64) as u64;
        let seen = RateSeen { limit: number(&rate.limit).map(whole), remaining: remaining.map(whole), reset };
        if seen != RateSeen::default() {
            *lock(&self.rate) = Some(seen);
        }
        if remaining.is_none_or(|left| left > 0.0) {
            return;
        }
        if let Some(wait) = reset.filter(|wait| *wait <= self.limits.wait_max) {
            *lock(&self.connection.not_before) = Some(self.connection.parts.clock.instant() + wait);
        }
    }

    async fn wait_turn(&self) {
        let wait = {
            let now = self.connection.parts.clock.instant();
            let mut not_before = lock(&self.connection.not_before);
            let wait = not_before.map(|moment| moment.saturating_duration_since(now)).unwrap_or_default();
            *not_before = self.connection.spacing.map(|spacing| now + wait + spacing);
            wait
        };
        if !wait.is_zero() {
            self.connection.parts.clock.sleep(wait).await;
        }
    }

    /// A request as it may be shown, where exchanges are kept; those of signing in have no `unsigned` form.
    fn shown(&self, wire: &Wire, unsigned: Option<&Request>) -> Option<Shown> {
        lock(&self.trace).as_ref()?;
        Some(Shown::new(wire, unsigned, self.secrets()))
    }

    fn redacted(&self, text: &str) -> String {
        redact::redact(text, self.secrets().iter().map(String::as_str))
    }

    /// An answer as it may be passed on: as it came, but for the account's own credential.
    #[must_use]
    pub fn cleaned(&self, answer: Answer) -> Answer {
        redact::answer(answer, self.secrets().iter().map(String::as_str))
    }

    fn note(&self, wire: &Wire, shown: Option<Shown>, outcome: &Result<Answer, TransportError>, started: Instant) {
        if tracing::enabled!(tracing::Level::DEBUG) {
            // Without path and query: both may name people.
            tracing::debug!(
                connector = self.connection.parts.connector.id(),
                method = %wire.method,
                host = wire.url.host_str().unwrap_or_default(),
                status = outcome.as_ref().ok().map(|answer| answer.status.as_u16()),
                bytes = outcome.as_ref().ok().map(|answer| answer.body.len()),
                took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
                "exchange with the provider"
            );
        }
        if let (Some(trace), Some(shown)) = (lock(&self.trace).as_mut(), shown) {
            let took = self.connection.parts.clock.instant().duration_since(started);
            trace.push(shown.exchange(outcome, took));
        }
    }
}

/// The rate limit's reset as a wait.
fn reset(rate: &Rate, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let reset = rate.reset.as_ref()?;
    let text = headers.get(&reset.header)?.to_str().ok()?.trim();
    let epoch =
        |seconds: f64| Some(retry::until(SystemTime::UNIX_EPOCH + Duration::try_from_secs_f64(seconds).ok()?, now));
    match reset.unit {
        ResetUnit::Seconds => retry::seconds(text),
        ResetUnit::EpochSeconds => epoch(text.parse().ok()?),
        ResetUnit::EpochMs => epoch(text.parse::<f64>().ok()? / 1000.0),
        ResetUnit::HttpDate => retry::until_http_date(text, now),
        ResetUnit::Iso8601 => text.parse::<jiff::Timestamp>().ok().map(|t| retry::until(SystemTime::from(t), now)),
    }
}

/// Why a request has no answer.
enum Refusal {
    Fault(Box<Fault>),
    /// The credential was renewed: try once more.
    Challenged,
}

impl Refusal {
    fn into_fault(self, doing: &Doing) -> Fault {
        match self {
            Self::Fault(fault) => *fault,
            Self::Challenged => Fault::new(
                FaultKind::Credential,
                format!("{} refused the renewed credential while {}", doing.connector, doing.what),
            ),
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// Sends the calls of signing in, which are not signed themselves.
struct Plain<'a>(&'a Session);

impl Caller for Plain<'_> {
    fn call(&self, request: Request) -> crate::auth::Calling<'_> {
        Box::pin(async move {
            let session = self.0;
            let doing = session.doing("signing in");
            let wire = session.wire(&request)?;
            let mut attempt = 1;
            loop {
                session.wait_turn().await;
                let started = session.connection.parts.clock.instant();
                let shown = session.shown(&wire, None);
                let outcome = session.connection.parts.transport.send(wire.clone()).await;
                session.requests.fetch_add(1, Ordering::Relaxed);
                session.note(&wire, shown, &outcome, started);
                let wait = match &outcome {
                    Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS || answer.status.is_server_error() => {
                        retry::retry_after(&answer.headers, session.now())
                            .unwrap_or_else(|| retry::backoff(attempt, jitter()))
                    }
                    Ok(_) => return outcome.map_err(|fault| session.unreachable(fault, &doing)),
                    Err(TransportError::Refused(_) | TransportError::TooLarge(_)) => {
                        return outcome.map_err(|fault| session.unreachable(fault, &doing));
                    }
                    Err(_) => retry::backoff(attempt, jitter()),
                };
                if attempt >= session.limits.attempts_max || wait > session.limits.wait_max {
                    return outcome.map_err(|fault| session.unreachable(fault, &doing));
                }
                session.retries.fetch_add(1, Ordering::Relaxed);
                session.connection.parts.clock.sleep(wait).await;
                attempt += 1;
            }
        })
    }

    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn keeper(&self) -> Option<&dyn TokenKeeper> {
        self.0.connection.parts.keeper.as_deref()
    }
}

/// The time as RFC 3339 in UTC.
#[must_use]
pub fn rfc3339(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time).map(|t| t.round(jiff::Unit::Second).unwrap_or(t).to_string()).unwrap_or_default()
}

fn jitter() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(0_u8) % 1000) as f64 / 1000.0
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
