//! What a sign-in has given: tokens, cookies, when they end, and which of them must be kept.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use rollcall_model::Secret;

use super::keeper::Tokens;
use super::session::Cookies;
use crate::fault::Fault;

/// How long before its end a token is renewed, so that it does not end under way.
const MARGIN: Duration = Duration::from_secs(60);

/// How long a refused credential is not tried again: requests that wait for it share the refusal, a later listing asks anew.
const REFUSED_FOR: Duration = Duration::from_secs(60);

/// Which sign-in a request's credentials come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Generation(u64);

/// The outcome of one sign-in.
#[derive(Default)]
pub(super) struct Granted {
    pub token: Option<Secret<String>>,
    pub refresh_token: Option<Secret<String>>,
    pub instance_url: Option<String>,
    pub cookies: Option<Cookies>,
    /// When it was asked for.
    pub since: Option<SystemTime>,
    /// When it ends, as far as the provider says.
    pub until: Option<SystemTime>,
    /// Whether the tokens must outlive this process.
    pub keep: bool,
}

impl Granted {
    /// Tokens that were kept.
    pub fn kept(tokens: Tokens) -> Self {
        Self {
            token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            instance_url: tokens.instance_url,
            since: tokens.since,
            until: tokens.until,
            ..Self::default()
        }
    }

    /// What is to be kept; a provider that gives no new refresh token means the old one.
    pub fn tokens(&self, old_refresh_token: Option<String>) -> Tokens {
        Tokens {
            access_token: self.token.clone(),
            refresh_token: self.refresh_token.clone().or_else(|| old_refresh_token.map(Secret::new)),
            instance_url: self.instance_url.clone(),
            since: self.since,
            until: self.until,
        }
    }
}

/// Token state of one account.
#[derive(Default)]
pub(super) struct State {
    generation: Generation,
    signed_in: bool,
    token: Option<Secret<String>>,
    refresh_token: Option<Secret<String>>,
    instance_url: Option<String>,
    cookies: Option<Cookies>,
    since: Option<SystemTime>,
    renew_at: Option<SystemTime>,
    learnt: BTreeMap<String, String>,
    /// Older tokens too: an error may still quote them.
    obtained: Vec<Secret<String>>,
    updates: BTreeMap<&'static str, Secret<String>>,
    refused: Option<(Fault, SystemTime)>,
}

impl State {
    /// Takes the tokens that the operator gave: used as they are until the provider refuses them.
    pub fn given(&mut self, access_token: Option<String>, refresh_token: Option<String>) {
        self.signed_in = access_token.is_some();
        self.token = access_token.map(Secret::new);
        self.refresh_token = refresh_token.map(Secret::new);
    }

    /// Takes the outcome of a sign-in. What it does not give anew stays, except the token itself.
    pub fn store(&mut self, granted: Granted) {
        self.generation.0 += 1;
        // Kept tokens may lack an access token: then the next call renews.
        self.signed_in = granted.token.is_some() || granted.cookies.is_some() || self.signed_in;
        self.refused = None;
        self.obtained.extend(granted.token.iter().chain(&granted.refresh_token).cloned());
        self.obtained.extend(granted.cookies.iter().flat_map(Cookies::secrets));
        if granted.keep {
            if let Some(token) = &granted.token {
                self.updates.insert("access_token", token.clone());
            }
            if let Some(token) = granted.refresh_token.as_ref().filter(|new| self.refresh_token.as_ref() != Some(new)) {
                self.updates.insert("refresh_token", token.clone());
            }
        }
        self.token = granted.token;
        self.cookies = granted.cookies;
        self.refresh_token = granted.refresh_token.or(self.refresh_token.take());
        self.instance_url = granted.instance_url.or(self.instance_url.take());
        self.since = granted.since;
        self.renew_at = granted.since.zip(granted.until).map(|(since, until)| {
            let lifetime = until.duration_since(since).unwrap_or_default();
            // A short lifetime must not make every token stale at birth.
            until - MARGIN.min(lifetime / 2)
        });
    }

    pub fn refuse(&mut self, fault: Fault, now: SystemTime) {
        self.refused = Some((fault, now));
    }

    /// The refusal of a moment ago.
    pub fn refused(&self, now: SystemTime) -> Option<Fault> {
        let (fault, when) = self.refused.as_ref()?;
        now.duration_since(*when).is_ok_and(|ago| ago < REFUSED_FOR).then(|| fault.clone())
    }

    pub fn learn(&mut self, name: &str, value: String) {
        self.learnt.insert(name.to_owned(), value);
    }

    /// Whether requests can be signed with what is there.
    pub fn is_fresh(&self, now: SystemTime) -> bool {
        self.signed_in && self.renew_at.is_none_or(|renew_at| now < renew_at)
    }

    pub fn generation(&self) -> Generation {
        self.generation
    }

    pub fn since(&self) -> Option<SystemTime> {
        self.since
    }

    pub fn refresh_token(&self) -> Option<String> {
        self.refresh_token.as_ref().map(|token| token.expose().clone())
    }

    pub fn value(&self, name: &str) -> Option<String> {
        match name {
            "access_token" => self.token.as_ref().map(|token| token.expose().clone()),
            "refresh_token" => self.refresh_token(),
            "instance_url" => self.instance_url.clone().or_else(|| self.learnt.get(name).cloned()),
            name => self.learnt.get(name).cloned(),
        }
    }

    /// The `Cookie` header for a URL.
    pub fn cookies_for(&self, url: &str) -> Option<String> {
        self.cookies.as_ref()?.header_for(url)
    }

    pub fn secrets(&self) -> Vec<String> {
        self.obtained.iter().map(|secret| secret.expose().clone()).collect()
    }

    pub fn take_updates(&mut self) -> Vec<(String, Secret<String>)> {
        std::mem::take(&mut self.updates).into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("generation", &self.generation.0)
            .field("token", &self.token)
            .field("renew_at", &self.renew_at)
            .finish_non_exhaustive()
    }
}
