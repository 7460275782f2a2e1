//! The unified resources.

use std::sync::Arc;

use axum::extract::{OriginalUri, Path, RawQuery, State};
use axum::response::Response;
use http::StatusCode;
use rollcall_connector::{Connector, MethodName};

use crate::caller::Caller;
use crate::error::ApiError;
use crate::list::{self, Call};
use crate::query::{self, Members, Tree};
use crate::state::App;

/// `GET /unified/{model}/{resource}`.
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((model, resource)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    caller.needs("unified:read")?;
    let resource = query::resource(&model, &resource)?;
    let raw = raw.unwrap_or_default();
    let members = query::parse(&raw)?;
    let account = account_id(&members, &caller)?;
    let connected = app.accounts.get(caller.environment(), &account).await?;
    offered(&connected.connector, &resource.name, MethodName::List)?;
    let query = query::read(&members, &connected.connector, resource, MethodName::List)?;
    let link = without_cursor(uri.path(), &raw);
    list::answer(Call { app, connected, resource: &resource.name, query, link }).await
}

/// `GET /unified/{model}/{resource}/{id}`.
pub async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((model, resource, id)): Path<(String, String, String)>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    caller.needs("unified:read")?;
    let resource = query::resource(&model, &resource)?;
    query::segment("the id", &id)?;
    let members = query::parse(&raw.unwrap_or_default())?;
    let account = account_id(&members, &caller)?;
    let connected = app.accounts.get(caller.environment(), &account).await?;
    offered(&connected.connector, &resource.name, MethodName::Get)?;
    let query = query::read(&members, &connected.connector, resource, MethodName::Get)?;
    crate::get::answer(app, connected, query, &id).await
}

/// Verbs that change something: no connector has them.
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<Vec<(String, String)>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let named = |name: &str| path.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let resource = query::resource(named("model").unwrap_or_default(), named("resource").unwrap_or_default())?;
    let members = query::parse(&raw.unwrap_or_default())?;
    let account = account_id(&members, &caller)?;
    let connected = app.accounts.get(caller.environment(), &account).await?;
    Err(not_offered(&connected.connector, &resource.name))
}

/// The account of a call: the one that is named, or the one that the token is for.
///
/// # Errors
/// 400 when none is named, 404 for another than the token's.
pub fn account_id(members: &Members, caller: &Caller) -> Result<String, ApiError> {
    let named = match members.iter().find(|(name, _)| name == "integrated_account_id") {
        Some((_, Tree::Text(id))) if !id.is_empty() => Some(id.clone()),
        None | Some((_, Tree::Text(_))) => None,
        Some(_) => return Err(ApiError::bad_request("`integrated_account_id` is one value")),
    };
    match (named, caller.account()) {
        (Some(named), Some(own)) if named != own => {
            Err(ApiError::not_found(format!("there is no integrated account `{named}` for this token")))
        }
        (Some(id), _) => Ok(id),
        (None, Some(own)) => Ok(own.to_owned()),
        (None, None) => Err(ApiError::bad_request(
            "`integrated_account_id` is missing: name the account; `GET /integrated-account` lists them",
        )
        .details(serde_json::json!({"missing_required_query_parameters": ["integrated_account_id"]}))),
    }
}

/// Refuses a method that the connector does not have.
fn offered(connector: &Connector, resource: &str, method: MethodName) -> Result<(), ApiError> {
    if connector.method(resource, method).is_some() {
        return Ok(());
    }
    Err(not_offered(connector, resource))
}

fn not_offered(connector: &Connector, resource: &str) -> ApiError {
    let has: Vec<&str> =
        connector.methods_by_resource().filter(|(name, _, _)| *name == resource).map(|(_, m, _)| m.as_str()).collect();
    let message = if has.is_empty() {
        let mut others: Vec<&str> = connector.methods_by_resource().map(|(name, _, _)| name).collect();
        others.dedup();
        format!("{} has no `{resource}`; it has {}", connector.id(), others.join(", "))
    } else {
        format!("{} has no such method for `{resource}`; it has {}", connector.id(), has.join(", "))
    };
    let mut error = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, message);
    error.details = Some(serde_json::json!({"methods": has}));
    error.allow = Some(if has.is_empty() { "" } else { "GET" });
    error
}

/// The call again, without its cursor.
fn without_cursor(path: &str, raw: &str) -> String {
    let rest: Vec<&str> =
        raw.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("next_cursor")).collect();
    if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) }
}
