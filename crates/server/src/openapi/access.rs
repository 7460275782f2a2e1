//! Who may call: the kinds of tokens and their scopes.

use std::sync::Arc;
use std::time::SystemTime;

use rollcall_store::{Token, TokenKind};
use serde_json::{Map, Value, json};

use crate::caller::{Caller, SCOPES};

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// No token is asked for.
    Anyone,
    /// Any token but that of a link.
    AnyToken,
    /// The token of a link.
    Link,
    /// A token with this scope.
    Scope(&'static str),
    /// Any token of an environment.
    Environment,
    /// A token of an environment with this scope: a token of one account has nothing to see there.
    EnvironmentScope(&'static str),
}

impl Access {
    /// The operation's `security`.
    #[must_use]
    pub fn security(self) -> Value {
        let schemes = [("environmentToken", TokenKind::Environment), ("accountToken", TokenKind::Account)];
        match self {
            Self::Anyone => json!([]),
            Self::Link => json!([{"linkToken": []}]),
            Self::AnyToken => schemes.iter().map(|(name, _)| json!({*name: []})).collect(),
            Self::Environment => json!([{"environmentToken": []}]),
            Self::EnvironmentScope(scope) => json!([{"environmentToken": [scope]}]),
            Self::Scope(scope) => schemes
                .iter()
                .filter(|(_, kind)| caller(*kind).needs(scope).is_ok())
                .map(|(name, _)| json!({*name: [scope]}))
                .collect(),
        }
    }
}

/// A caller with all scopes of its kind, to ask what the kind may do.
fn caller(kind: TokenKind) -> Caller {
    let token = Token {
        id: String::new(),
        environment_id: String::new(),
        kind,
        account_id: None,
        label: None,
        scopes: Vec::new(),
        details: Value::Null,
        created_at: SystemTime::UNIX_EPOCH,
        expires_at: None,
        revoked_at: None,
        used_at: None,
        used_by: None,
    };
    Caller { token: Arc::new(token) }
}

/// The kinds of tokens.
#[must_use]
pub fn schemes() -> Value {
    let scopes = |kind: TokenKind| -> Map<String, Value> {
        let allowed = SCOPES.iter().filter(|(scope, _)| caller(kind).needs(scope).is_ok());
        allowed.map(|(scope, meaning)| ((*scope).to_owned(), Value::from(*meaning))).collect()
    };
    let bearer = |words: &str, scopes: Map<String, Value>| json!({"type": "http", "scheme": "bearer", "description": words, "x-scopes": scopes});
    json!({
        "environmentToken": bearer(
            "Reaches all accounts of one environment. A token without scopes may do everything; one with scopes only that",
            scopes(TokenKind::Environment),
        ),
        "accountToken": bearer(
            "Reaches one account, for a day at most: `integrated_account_id` is then known. Made by `POST /token` with `kind` `account`",
            scopes(TokenKind::Account),
        ),
        "linkToken": bearer(
            "Connects one account, once, and opens nothing else. Made by `POST /link-token`",
            Map::new(),
        ),
    })
}
