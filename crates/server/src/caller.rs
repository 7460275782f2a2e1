//! Who calls: the bearer token, what it may do, and how often.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::FromRequestParts;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::request::Parts;
use http::{StatusCode, header};
use moka::future::Cache;
use rollcall_store::{Store, Token, TokenKind};

use crate::config::Config;
use crate::error::ApiError;
use crate::state::App;

/// What a token may be allowed; a token without any may do everything its kind can.
pub const SCOPES: [(&str, &str); 8] = [
    ("unified:read", "Read the unified resources of accounts"),
    ("proxy:read", "Read the providers' own resources"),
    ("proxy:write", "Change something at the providers, with the accounts' credentials"),
    ("accounts:read", "See the integrated accounts, without their credentials"),
    ("accounts:write", "Connect, change and remove integrated accounts"),
    ("links:write", "Make link tokens, with which others connect an account"),
    ("tokens:write", "Make and revoke tokens of the environment"),
    ("audit:read", "Read the audit log"),
];

/// The caller of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    pub token: Arc<Token>,
}

impl Caller {
    /// The environment that the token belongs to.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.token.environment_id
    }

    /// The one account that an account token reaches.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.token.account_id.as_deref()
    }

    /// Who acts, for the audit log.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("token:{}", self.token.id)
    }

    /// Refuses what the token may not do.
    ///
    /// # Errors
    /// 403 that names the scope.
    pub fn needs(&self, scope: &str) -> Result<(), ApiError> {
        match self.token.kind {
            TokenKind::Environment => {}
            TokenKind::Account if matches!(scope, "unified:read" | "proxy:read" | "proxy:write" | "accounts:read") => {}
            _ => {
                return Err(ApiError::forbidden(format!(
                    "a token of this kind may not do this; it takes an environment token with the scope `{scope}`"
                )));
            }
        }
        if self.token.scopes.is_empty() || self.token.scopes.iter().any(|own| own == scope) {
            return Ok(());
        }
        Err(ApiError::forbidden(format!("this token lacks the scope `{scope}`; make one that has it")))
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let token = app.tokens.presented(parts).await?;
        if token.kind == TokenKind::Link {
            return Err(ApiError::forbidden("a link token connects one account; it opens nothing else"));
        }
        Ok(Self { token })
    }
}

/// A link token: one attempt to connect an account.
#[derive(Clone, Debug)]
pub struct LinkCaller {
    pub token: Arc<Token>,
}

impl FromRequestParts<Arc<App>> for LinkCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let token = app.tokens.presented(parts).await?;
        match token.kind {
            TokenKind::Link => Ok(Self { token }),
            _ => Err(ApiError::forbidden("this takes a link token")),
        }
    }
}

/// Tokens lately seen, and how often each is used.
pub struct Tokens {
    store: Store,
    known: Cache<[u8; 32], Arc<Token>>,
    limiter: DefaultKeyedRateLimiter<String>,
}

impl Tokens {
    pub fn new(config: &Config, store: Store) -> Self {
        let some = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(some(config.requests_per_second)).allow_burst(some(config.requests_burst));
        Self {
            store,
            known: Cache::builder().max_capacity(10_000).time_to_live(config.memory).build(),
            limiter: RateLimiter::keyed(quota),
        }
    }

    /// Forgets a token that was revoked here.
    pub fn forget_all(&self) {
        self.known.invalidate_all();
    }

    /// Forgets callers that have not called for long: the limiter's table must not grow for ever.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    /// The token of a request.
    async fn presented(&self, parts: &Parts) -> Result<Arc<Token>, ApiError> {
        let missing = || {
            ApiError::unauthorized(
                "no valid token: send `Authorization: Bearer <token>`; `rollcall token create` makes one",
            )
        };
        let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return Err(missing()) };
        let value = value.to_str().map_err(|_| missing())?;
        let (scheme, token) = value.split_once(' ').ok_or_else(missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(missing());
        }
        let token = self.token(token.trim()).await?.ok_or_else(missing)?;
        self.limiter.check_key(&token.id).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let mut error = ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "this token calls too often; wait as `Retry-After` says, or spread the calls",
            );
            error.retry_after =
                Some(wait.as_secs().max(1) + u64::from(wait.subsec_nanos() > 0 && wait > Duration::from_secs(1)));
            error
        })?;
        Ok(token)
    }

    /// The valid token of a text.
    pub async fn token(&self, presented: &str) -> Result<Option<Arc<Token>>, ApiError> {
        if presented.len() > 256 {
            return Ok(None);
        }
        // The cache is keyed by a digest: it holds no token, and tells nothing by its timing.
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, presented.as_bytes()).as_ref());
        if let Some(token) = self.known.get(&key).await {
            return Ok(Some(token));
        }
        let Some(token) = self.store.token(presented).await? else { return Ok(None) };
        let token = Arc::new(token);
        self.known.insert(key, Arc::clone(&token)).await;
        Ok(Some(token))
    }
}
