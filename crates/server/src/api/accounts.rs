//! Integrated accounts: connect, look at, change, remove. A credential goes in and never comes out.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rollcall_connector::{Connector, nearest};
use rollcall_store::{Account, AccountChange, AccountFilter, AccountStatus, NewAudit};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::{Caught, Given, Keep, credential};
use crate::api;
use crate::caller::Caller;
use crate::connect::{self, Validation};
use crate::error::ApiError;
use crate::link::begin;
use crate::query::{self, LIMIT_DEFAULT, LIMIT_MAX, Tree};
use crate::state::App;

/// What connects an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The connector's slug.
    pub integration: String,
    /// The kind of credential; the one that the values fit when not given.
    pub auth: Option<String>,
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
    #[serde(default)]
    pub credential: BTreeMap<String, Value>,
    pub base_url: Option<String>,
    pub label: Option<String>,
    /// The caller's own name for whose account this is.
    pub tenant_id: Option<String>,
    /// Whether a real call must succeed first.
    #[serde(default = "yes")]
    pub validate: bool,
    /// Where the browser goes afterwards, when somebody signs in to the account at the provider.
    pub redirect_uri: Option<String>,
}

fn yes() -> bool {
    true
}

/// What changes an account; what is not given stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub auth: Option<String>,
    pub settings: Option<BTreeMap<String, Value>>,
    pub credential: Option<BTreeMap<String, Value>>,
    #[serde(default, deserialize_with = "given_or_null")]
    pub base_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "given_or_null")]
    pub label: Option<Option<String>>,
    #[serde(default, deserialize_with = "given_or_null")]
    pub tenant_id: Option<Option<String>>,
    #[serde(default = "yes")]
    pub validate: bool,
}

fn given_or_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// An account on the wire.
#[must_use]
pub fn shown(account: &Account) -> Value {
    json!({
        "id": account.id,
        "integration": {"name": account.connector},
        "label": account.label,
        "tenant_id": account.external_id,
        "auth": account.auth,
        "settings": account.settings,
        "base_url": account.base_url,
        "status": account.status.word(),
        "last_error": account.last_error,
        "created_at": api::time(account.created_at),
        "updated_at": api::time(account.updated_at),
    })
}

/// `POST /integrated-account`.
pub async fn create(State(app): State<Arc<App>>, caller: Caller, body: Bytes) -> Result<Response, ApiError> {
    caller.needs("accounts:write")?;
    let create: Create = read(&body)?;
    if let Some((account, authorize_url)) = begin::account(&app, &caller, &create).await? {
        let mut body = shown(&account);
        body["authorize_url"] = Value::from(authorize_url);
        return Ok((StatusCode::CREATED, api::json(&body)).into_response());
    }
    let (account, validation) = connect::add(&app, caller.environment(), create, &caller.actor()).await?;
    let mut body = shown(&account);
    body["validation"] = validation.shown();
    Ok((StatusCode::CREATED, api::json(&body)).into_response())
}

/// `GET /integrated-account`.
pub async fn list(State(app): State<Arc<App>>, caller: Caller, RawQuery(raw): RawQuery) -> Result<Response, ApiError> {
    caller.needs("accounts:read")?;
    let mut filter = AccountFilter { limit: page_size(LIMIT_DEFAULT), ..AccountFilter::default() };
    for (name, tree) in query::parse(&raw.unwrap_or_default())? {
        let Tree::Text(value) = tree else { return Err(ApiError::bad_request(format!("`{name}` is one value"))) };
        if value.is_empty() {
            continue;
        }
        match name.as_str() {
            "integration" => filter.connector = Some(app.catalog.resolve(&value).unwrap_or(value)),
            "tenant_id" => filter.external_id = Some(value),
            "next_cursor" => filter.after = Some(api::after(value)?),
            "limit" => match value.parse::<usize>() {
                Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => filter.limit = page_size(limit),
                _ => return Err(ApiError::bad_request(format!("`limit={value}`: expected 1 to {LIMIT_MAX}"))),
            },
            "status" => {
                let status = AccountStatus::parse(&value).ok_or_else(|| {
                    ApiError::bad_request(format!("`status={value}`: there are connecting, active, needs_reauth"))
                })?;
                filter.status = Some(status);
            }
            other => {
                let known = ["integration", "tenant_id", "status", "limit", "next_cursor"];
                let near = nearest(other, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(ApiError::bad_request(format!("unknown parameter `{other}`{near}")));
            }
        }
    }
    let wanted = filter.limit;
    let mut accounts = match caller.account() {
        Some(own) => app.store.account(caller.environment(), own).await?.into_iter().collect(),
        // One more than asked for tells whether there is a next page.
        None => app.store.accounts(caller.environment(), AccountFilter { limit: wanted + 1, ..filter }).await?,
    };
    let more = accounts.len() > wanted as usize;
    accounts.truncate(wanted as usize);
    let next = if more { accounts.last().map(|account| account.id.clone()) } else { None };
    Ok(api::json(&json!({
        "result": accounts.iter().map(shown).collect::<Vec<_>>(),
        "next_cursor": next,
        "prev_cursor": Value::Null,
        "result_count": accounts.len(),
    })))
}

fn page_size(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

/// `GET /integrated-account/{id}`.
pub async fn get(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<String>) -> Result<Response, ApiError> {
    caller.needs("accounts:read")?;
    Ok(api::json(&shown(&find(&app, &caller, &id).await?)))
}

/// `PATCH /integrated-account/{id}`.
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    caller.needs("accounts:write")?;
    let change: Change = read(&body)?;
    let environment = caller.environment();
    let (account, old) = app.store.account_with_credential(environment, &id).await?.ok_or_else(|| none(&id))?;
    let connector = app.accounts.connector(&account.connector)?;
    let touches =
        change.auth.is_some() || change.settings.is_some() || change.credential.is_some() || change.base_url.is_some();
    let mut update = AccountChange { label: change.label, external_id: change.tenant_id, ..AccountChange::default() };
    let mut validation = Validation::skipped();
    if touches {
        let kind = change.auth.clone().unwrap_or_else(|| account.auth.clone());
        let mut settings = account.settings.clone();
        let mut values: Given = if kind == account.auth { connect::values(&old) } else { Given::new() };
        let (new_settings, new_values) =
            split(&connector, &change.settings.unwrap_or_default(), &change.credential.unwrap_or_default())?;
        let replaces = kind != account.auth || !new_values.is_empty();
        settings.extend(new_settings);
        values.extend(new_values);
        let draft = Account {
            auth: kind.clone(),
            settings: settings.clone(),
            base_url: change.base_url.clone().unwrap_or_else(|| account.base_url.clone()),
            ..account.clone()
        };
        // A new credential starts without the tokens of the old one. One that stays is not written: its tokens may be renewed just now, also
        // by this very try.
        let caught = Caught::default();
        let (tried, keep) =
            if replaces { (credential(&values, None), Keep::Caught(caught.clone())) } else { (old, Keep::WithAccount) };
        let connected = app.accounts.connect(draft, tried, keep).await?;
        if change.validate {
            validation = connect::attempt(&app, &connected).await?;
            update.status = Some(AccountStatus::Active);
            update.last_error = Some(None);
        }
        update.auth = Some(kind);
        update.settings = Some(settings);
        update.base_url = change.base_url;
        update.credential = replaces.then(|| credential(&values, caught.take().as_ref()));
    }
    let account = app.store.update_account(environment, &id, update).await?.ok_or_else(|| none(&id))?;
    app.accounts.forget(&id).await;
    audit(&app, &caller, "account.changed", &id, json!({"credential": touches})).await?;
    let mut body = shown(&account);
    body["validation"] = validation.shown();
    Ok(api::json(&body))
}

/// `DELETE /integrated-account/{id}`.
pub async fn remove(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<String>) -> Result<Response, ApiError> {
    caller.needs("accounts:write")?;
    if !app.store.delete_account(caller.environment(), &id).await? {
        return Err(none(&id));
    }
    app.accounts.forget(&id).await;
    app.tokens.forget_all();
    audit(&app, &caller, "account.deleted", &id, json!({})).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The account of the caller's environment.
///
/// # Errors
/// 404.
pub async fn find(app: &App, caller: &Caller, id: &str) -> Result<Account, ApiError> {
    if caller.account().is_some_and(|own| own != id) {
        return Err(none(id));
    }
    app.store.account(caller.environment(), id).await?.ok_or_else(|| none(id))
}

fn none(id: &str) -> ApiError {
    ApiError::not_found(format!("there is no integrated account `{id}`; `GET /integrated-account` lists them"))
}

/// A JSON body, strictly.
///
/// # Errors
/// 400 that says where it cannot be read.
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|fault| {
        let words = match fault.classify() {
            serde_json::error::Category::Data => without_values(&fault.to_string()),
            _ => format!("it is no JSON at line {}, column {}", fault.line(), fault.column()),
        };
        ApiError::bad_request(format!("the body cannot be read: {words}"))
    })
}

/// The parser's words about a body name keys and places, and may quote values: these can be a credential in the wrong place.
fn without_values(words: &str) -> String {
    let names_keys = ["unknown field", "missing field", "duplicate field"].iter().any(|known| words.starts_with(known));
    match words.rfind("expected ") {
        Some(at) if !names_keys => format!("something else stands there than {}", words.get(at..).unwrap_or_default()),
        None if !names_keys => "a value is not what belongs there".to_owned(),
        _ => words.to_owned(),
    }
}

/// Values by where they belong: settings may be shown, the credential may not.
pub fn split(
    connector: &Connector,
    settings: &BTreeMap<String, Value>,
    credential: &BTreeMap<String, Value>,
) -> Result<(Given, Given), ApiError> {
    let (mut shown, mut hidden) = (Given::new(), Given::new());
    for (name, value) in settings.iter().chain(credential) {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            // Service accounts are JSON files: they may come as what they are.
            Value::Object(_) => value.to_string(),
            Value::Null | Value::Array(_) => {
                return Err(ApiError::bad_request(format!("`{name}` must be a text")));
            }
        };
        let is_setting = connector.definition().settings.get(name).is_some_and(|field| !field.secret);
        let place = if is_setting { &mut shown } else { &mut hidden };
        place.insert(name.clone(), text);
    }
    Ok((shown, hidden))
}

/// Writes the audit log. What cannot be written down is not done silently: the call fails.
///
/// # Errors
/// The store's.
pub async fn audit(app: &App, caller: &Caller, action: &str, target: &str, details: Value) -> Result<(), ApiError> {
    let entry = NewAudit {
        environment_id: Some(caller.environment().to_owned()),
        actor: caller.actor(),
        action: action.to_owned(),
        target: Some(target.to_owned()),
        request_id: crate::request_id::current(),
        details,
    };
    Ok(app.store.audit(entry).await?)
}
