//! OAuth apps: how this environment is known to a provider. The secret goes in and never comes out.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rollcall_connector::{Connector, account, nearest};
use rollcall_store::{Credential, NewAudit, NewOAuthApp, OAuthApp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::accounts::{audit, read, split};
use crate::accounts::{Given, base_url};
use crate::api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::link::app::{browser, deciding};
use crate::link::sign_in::redirect_uri;
use crate::state::App;

/// What sets an app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Put {
    /// The kind of credential; the one that there is when not given.
    pub auth: Option<String>,
    pub client_id: String,
    /// None for a public client.
    pub client_secret: Option<String>,
    /// Settings that all accounts with this app have.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
    pub base_url: Option<String>,
}

/// `PUT /integration/{slug}/app`.
pub async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(slug): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    caller.needs("accounts:write")?;
    let put: Put = read(&body)?;
    let (kept, has_secret) = set(&app, caller.environment(), &slug, put, &caller.actor()).await?;
    Ok(api::json(&shown(&app, &kept, has_secret)))
}

/// Sets an app: checks what was filled in, saves it, and writes the audit log. Gives whether it has a secret too.
///
/// # Errors
/// Values that cannot be used, or the store's.
pub async fn set(
    app: &App,
    environment: &str,
    slug: &str,
    put: Put,
    actor: &str,
) -> Result<(OAuthApp, bool), ApiError> {
    let connector = app.accounts.connector(slug)?;
    let auth = kind(&connector, put.auth.as_deref())?;
    if put.client_id.trim().is_empty() {
        return Err(ApiError::bad_request("`client_id` is empty; the provider shows it with the OAuth app"));
    }
    put.base_url.as_deref().map(base_url).transpose()?;
    let (settings, hidden) = split(&connector, &put.settings, &BTreeMap::new())?;
    check(&connector, &auth, &settings, &hidden)?;
    let secret = put.client_secret.filter(|secret| !secret.trim().is_empty());
    let secret: Map<String, Value> =
        secret.into_iter().map(|secret| ("client_secret".to_owned(), Value::from(secret.trim()))).collect();
    let new = NewOAuthApp {
        environment_id: environment.to_owned(),
        connector: connector.id().to_owned(),
        auth,
        client_id: put.client_id.trim().to_owned(),
        settings,
        base_url: put.base_url,
        secret: Credential::new(secret),
    };
    let has_secret = !new.secret.expose().is_empty();
    let kept = app.store.put_app(new).await?;
    app.accounts.forget_all();
    let entry = NewAudit {
        environment_id: Some(environment.to_owned()),
        actor: actor.to_owned(),
        action: "app.set".to_owned(),
        target: Some(kept.connector.clone()),
        request_id: crate::request_id::current(),
        details: json!({"auth": kept.auth, "client_id": kept.client_id}),
    };
    app.store.audit(entry).await?;
    Ok((kept, has_secret))
}

/// `GET /integration/{slug}/app`.
pub async fn get(State(app): State<Arc<App>>, caller: Caller, Path(slug): Path<String>) -> Result<Response, ApiError> {
    readable(&caller)?;
    let connector = app.accounts.connector(&slug)?;
    let found = app.store.app_with_secret(caller.environment(), connector.id()).await?;
    let (kept, secret) = found.ok_or_else(|| none(connector.id()))?;
    Ok(api::json(&shown(&app, &kept, !secret.expose().is_empty())))
}

/// `DELETE /integration/{slug}/app`.
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Response, ApiError> {
    caller.needs("accounts:write")?;
    let connector = app.accounts.connector(&slug)?;
    if !app.store.delete_app(caller.environment(), connector.id()).await? {
        return Err(none(connector.id()));
    }
    app.accounts.forget_all();
    audit(&app, &caller, "app.removed", connector.id(), json!({})).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// An app is of the environment: a token of one account has nothing to see there.
fn readable(caller: &Caller) -> Result<(), ApiError> {
    caller.needs("accounts:read")?;
    if caller.account().is_some() {
        return Err(ApiError::forbidden("a token of one account does not reach the OAuth apps of its environment"));
    }
    Ok(())
}

/// The kind of credential for which people sign in at the provider.
fn kind(connector: &Connector, auth: Option<&str>) -> Result<String, ApiError> {
    let definition = connector.definition();
    let kinds: Vec<&str> = definition.auth.keys().filter(|name| browser(definition, name).is_some()).collect();
    let listed = kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", ");
    match (auth, kinds.as_slice()) {
        (_, []) => Err(ApiError::bad_request(format!(
            "{} has no sign-in in a browser, so there is no OAuth app to set; `GET /integration/{}` lists how it signs in",
            connector.id(),
            connector.id()
        ))),
        (Some(auth), kinds) if kinds.contains(&auth) => Ok(auth.to_owned()),
        (None, [only]) => Ok((*only).to_owned()),
        (None, _) => Err(ApiError::bad_request(format!("`auth` is missing: name one of {listed}"))),
        (Some(auth), kinds) => {
            let near = nearest(auth, kinds.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(ApiError::bad_request(format!("`auth`: `{auth}` is no sign-in in a browser{near} There are {listed}")))
        }
    }
}

/// Settings of an app: known ones, right ones, none that is secret, and all that decide whom its secret is sent to.
fn check(connector: &Connector, auth: &str, settings: &Given, hidden: &Given) -> Result<(), ApiError> {
    let known = account::inputs(connector.definition(), auth);
    if let Some(name) = hidden.keys().next() {
        let names = known.iter().filter(|(_, field)| !field.secret).map(|(name, _)| name.as_str());
        let near = nearest(name, names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(ApiError::bad_request(format!("`settings`: `{name}` is no setting that may be shown{near}")));
    }
    // Those that are missing come with the account.
    if let Err(problems) = rollcall_connector::Account::new(connector.definition(), Some(auth), settings, None) {
        let wrong: Vec<_> = problems.into_iter().filter(|problem| settings.contains_key(&problem.name)).collect();
        if !wrong.is_empty() {
            return Err(crate::accounts::refused(connector, &wrong));
        }
    }
    if let Some(name) = deciding(connector, auth).into_iter().find(|name| !settings.contains_key(name)) {
        return Err(ApiError::bad_request(format!(
            "`settings`: `{name}` is missing: it decides which host the app's secret is sent to, so it comes with the app"
        )));
    }
    Ok(())
}

fn none(slug: &str) -> ApiError {
    ApiError::not_found(format!("there is no OAuth app for `{slug}`; `PUT /integration/{slug}/app` sets one"))
}

/// An app on the wire.
#[must_use]
pub fn shown(app: &App, kept: &OAuthApp, has_secret: bool) -> Value {
    json!({
        "integration": {"name": kept.connector},
        "auth": kept.auth,
        "client_id": kept.client_id,
        "has_client_secret": has_secret,
        "settings": kept.settings,
        "base_url": kept.base_url,
        "redirect_uri": redirect_uri(app),
        "created_at": api::time(kept.created_at),
        "updated_at": api::time(kept.updated_at),
    })
}
