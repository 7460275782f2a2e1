//! What belongs to an environment: its tokens, links for others to connect an account, and the audit log.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rollcall_connector::nearest;
use rollcall_store::{NewToken, Token, TokenKind};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::accounts::{audit, find, read};
use crate::api;
use crate::caller::{Caller, SCOPES};
use crate::error::ApiError;
use crate::query::{self, Tree};
use crate::state::App;

/// How long an account token lasts when nothing is said, and at most.
const ACCOUNT_TOKEN: Duration = Duration::from_secs(3600);
const ACCOUNT_TOKEN_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long a link can be used.
const LINK: Duration = Duration::from_secs(24 * 3600);
const LINK_MAX: Duration = Duration::from_secs(30 * 24 * 3600);

/// A token to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    #[serde(default)]
    kind: Kind,
    /// For an account token.
    integrated_account_id: Option<String>,
    label: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    /// Seconds.
    expires_in: Option<u64>,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Environment,
    Account,
}

/// A link to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateLink {
    /// What may be connected; everything when empty.
    #[serde(default)]
    integrations: Vec<String>,
    tenant_id: Option<String>,
    label: Option<String>,
    expires_in: Option<u64>,
    /// Where the browser goes afterwards, with `integrated_account_id`.
    redirect_uri: Option<String>,
    /// The account that is connected anew.
    integrated_account_id: Option<String>,
}

/// `POST /token`.
pub async fn create_token(State(app): State<Arc<App>>, caller: Caller, body: Bytes) -> Result<Response, ApiError> {
    caller.needs("tokens:write")?;
    let create: CreateToken = read(&body)?;
    for scope in &create.scopes {
        let known: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
        if !known.contains(&scope.as_str()) {
            let near =
                nearest(scope, known.iter().copied()).map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
            return Err(ApiError::bad_request(format!(
                "unknown scope `{scope}`{near}; there are {}",
                known.join(", ")
            )));
        }
        // Nobody gives more than they have.
        caller.needs(scope)?;
    }
    if create.scopes.is_empty() && !caller.token.scopes.is_empty() {
        return Err(ApiError::forbidden("a token with scopes makes tokens with some of these scopes only: name them"));
    }
    let account_id = match (create.kind, &create.integrated_account_id) {
        (Kind::Account, Some(id)) => Some(find(&app, &caller, id).await?.id),
        (Kind::Account, None) => return Err(ApiError::bad_request("an account token needs `integrated_account_id`")),
        (Kind::Environment, None) => None,
        (Kind::Environment, Some(_)) => {
            return Err(ApiError::bad_request("`integrated_account_id` belongs to tokens of `kind` `account`"));
        }
    };
    let lifetime = create.expires_in.map(Duration::from_secs);
    let lifetime = match create.kind {
        Kind::Environment => lifetime,
        Kind::Account => {
            let lifetime = lifetime.unwrap_or(ACCOUNT_TOKEN);
            if lifetime > ACCOUNT_TOKEN_MAX {
                return Err(ApiError::bad_request(format!(
                    "an account token lasts {} seconds at most",
                    ACCOUNT_TOKEN_MAX.as_secs()
                )));
            }
            Some(lifetime)
        }
    };
    let new = NewToken {
        environment_id: caller.environment().to_owned(),
        kind: if create.kind == Kind::Account { TokenKind::Account } else { TokenKind::Environment },
        account_id,
        label: create.label,
        scopes: create.scopes,
        expires_at: lifetime.map(|lifetime| app.now() + lifetime),
        details: json!({}),
    };
    let (token, secret) = app.store.create_token(new).await?;
    audit(&app, &caller, "token.created", &token.id, json!({"kind": token.kind.word()})).await?;
    let mut body = shown(&token);
    body["token"] = Value::from(secret);
    Ok((StatusCode::CREATED, api::json(&body)).into_response())
}

/// `GET /token`: what there is, without the tokens themselves.
pub async fn list_tokens(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, ApiError> {
    caller.needs("tokens:write")?;
    let tokens = app.store.tokens(caller.environment()).await?;
    Ok(api::json(&json!({
        "result": tokens.iter().map(shown).collect::<Vec<_>>(),
        "next_cursor": Value::Null,
        "prev_cursor": Value::Null,
        "result_count": tokens.len(),
    })))
}

/// `DELETE /token/{id}`.
pub async fn revoke_token(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    caller.needs("tokens:write")?;
    if !app.store.revoke_token(caller.environment(), &id).await? {
        return Err(ApiError::not_found(format!("there is no token `{id}`")));
    }
    app.tokens.forget_all();
    audit(&app, &caller, "token.revoked", &id, json!({})).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /link-token`.
pub async fn create_link(State(app): State<Arc<App>>, caller: Caller, body: Bytes) -> Result<Response, ApiError> {
    caller.needs("links:write")?;
    let create: CreateLink = if body.is_empty() { read(b"{}")? } else { read(&body)? };
    let mut integrations = Vec::new();
    for name in &create.integrations {
        integrations.push(app.accounts.connector(name)?.id().to_owned());
    }
    if let Some(uri) = &create.redirect_uri {
        let usable = Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !usable {
            return Err(ApiError::bad_request("`redirect_uri` is not an address that a browser can go to"));
        }
    }
    if let Some(id) = &create.integrated_account_id {
        let account = find(&app, &caller, id).await?;
        integrations = vec![account.connector];
    }
    let lifetime = create.expires_in.map_or(LINK, Duration::from_secs);
    if lifetime > LINK_MAX {
        return Err(ApiError::bad_request(format!("a link lasts {} seconds at most", LINK_MAX.as_secs())));
    }
    let expires_at = app.now() + lifetime;
    let details = json!({
        "integrations": integrations,
        "tenant_id": create.tenant_id,
        "redirect_uri": create.redirect_uri,
        "integrated_account_id": create.integrated_account_id,
    });
    let new = NewToken {
        environment_id: caller.environment().to_owned(),
        kind: TokenKind::Link,
        account_id: None,
        label: create.label,
        scopes: Vec::new(),
        expires_at: Some(expires_at),
        details,
    };
    let (token, secret) = app.store.create_token(new).await?;
    audit(&app, &caller, "link.created", &token.id, json!({})).await?;
    let body = json!({
        "id": token.id,
        "link_token": secret,
        // After the hash, so that it is in no server's log and in no `Referer`.
        "url": format!("{}/connect#{secret}", app.config.public_url),
        "expires_at": api::time(expires_at),
    });
    Ok((StatusCode::CREATED, api::json(&body)).into_response())
}

/// `GET /audit-log`.
pub async fn audit_log(
    State(app): State<Arc<App>>,
    caller: Caller,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    caller.needs("audit:read")?;
    let (mut before, mut limit) = (None, 100_u32);
    for (name, tree) in query::parse(&raw.unwrap_or_default())? {
        match (name.as_str(), tree) {
            (_, Tree::Text(value)) if value.is_empty() => {}
            ("next_cursor", Tree::Text(value)) => before = Some(api::after(value)?),
            ("limit", Tree::Text(value)) => match value.parse() {
                Ok(given) if (1..=1000).contains(&given) => limit = given,
                _ => return Err(ApiError::bad_request(format!("`limit={value}`: expected 1 to 1000"))),
            },
            (other, _) => {
                return Err(ApiError::bad_request(format!(
                    "unknown parameter `{other}`; there are `limit`, `next_cursor`"
                )));
            }
        }
    }
    let mut entries = app.store.audit_log(caller.environment(), before, limit + 1).await?;
    let more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let next = if more { entries.last().map(|entry| entry.id.clone()) } else { None };
    let result: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!({
                "id": entry.id,
                "actor": entry.actor,
                "action": entry.action,
                "target": entry.target,
                "request_id": entry.request_id,
                "details": entry.details,
                "created_at": api::time(entry.at),
            })
        })
        .collect();
    Ok(api::json(&json!({"result": result, "next_cursor": next, "prev_cursor": null, "result_count": entries.len()})))
}

fn shown(token: &Token) -> Value {
    json!({
        "id": token.id,
        "kind": token.kind.word(),
        "integrated_account_id": token.account_id,
        "label": token.label,
        "scopes": token.scopes,
        "created_at": api::time(token.created_at),
        "expires_at": token.expires_at.map(api::time),
        "revoked_at": token.revoked_at.map(api::time),
    })
}
