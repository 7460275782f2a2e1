//! What an account's or a connector's methods take and give.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use rollcall_connector::{Connector, MethodName, nearest};
use rollcall_model::Model;
use serde_json::json;

use super::accounts::find;
use super::docs;
use super::unified::account_id;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::openapi::meta::Described;
use crate::openapi::served::Document;
use crate::query::{self, Members, Tree};
use crate::state::App;

/// `GET /unified/{model}/{resource}/meta/{method}`.
pub async fn of_account(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((model, resource, method)): Path<(String, String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    caller.needs("unified:read")?;
    let resource = query::resource(&model, &resource)?;
    let method = named(&method)?;
    let members = query::parse(&raw.unwrap_or_default())?;
    only(&members, &["integrated_account_id"])?;
    let account = find(&app, &caller, &account_id(&members, &caller)?).await?;
    let connector = app.accounts.connector(&account.connector)?;
    if connector.method(&resource.name, method).is_none() {
        return Err(ApiError::not_found(missing(&connector, &resource.name, method)));
    }
    let catalog = Arc::clone(&app.catalog);
    let name = format!("meta {} {} {} {}", connector.id(), account.auth, resource.name, method.as_str());
    let make = move || {
        let described = Described::new(&catalog, &connector, Some(&account.auth));
        Ok(Document::new("application/json", described.method(resource, method).to_string()))
    };
    Ok(app.descriptions.page(&name, make).await?.answer(&headers))
}

/// `GET /unified/meta/{model}/{integration}`.
pub async fn of_connector(
    State(app): State<Arc<App>>,
    _caller: Caller,
    Path((model, integration)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if model != Model::user_directory().name {
        let known = &Model::user_directory().name;
        return Err(ApiError::not_found(format!("there is no unified model `{model}`; there is `{known}`")));
    }
    let connector = app.accounts.connector(&integration)?;
    let members = query::parse(&raw.unwrap_or_default())?;
    only(&members, &["format"])?;
    match format(&members)? {
        "md" => Ok(docs::as_markdown(&app, connector).await?.answer(&headers)),
        "html" => Ok(docs::shown(&*docs::of_connector(&app, connector).await?, &headers)),
        _ => {
            let catalog = Arc::clone(&app.catalog);
            let name = format!("meta {}", connector.id());
            let make = move || {
                let described = Described::new(&catalog, &connector, None);
                Ok(Document::new("application/json", described.whole().to_string()))
            };
            Ok(app.descriptions.page(&name, make).await?.answer(&headers))
        }
    }
}

fn named(method: &str) -> Result<MethodName, ApiError> {
    let all = [MethodName::List, MethodName::Get];
    all.into_iter().find(|known| known.as_str() == method).ok_or_else(|| {
        let near = near(method, &all.map(MethodName::as_str));
        ApiError::not_found(format!("there is no method `{method}`{near}; there are list, get"))
    })
}

fn format(members: &Members) -> Result<&'static str, ApiError> {
    const ALL: [&str; 3] = ["json", "md", "html"];
    match members.iter().find(|(name, _)| name == "format") {
        None => Ok("json"),
        Some((_, Tree::Text(given))) if given.is_empty() => Ok("json"),
        Some((_, Tree::Text(given))) => ALL.into_iter().find(|known| known == given).ok_or_else(|| {
            ApiError::bad_request(format!("`format={given}`: there are {}{}", ALL.join(", "), near(given, &ALL)))
        }),
        Some(_) => Err(ApiError::bad_request("`format` is one value")),
    }
}

/// Refuses all parameters but these.
fn only(members: &Members, known: &[&str]) -> Result<(), ApiError> {
    let Some((name, _)) = members.iter().find(|(name, _)| !known.contains(&name.as_str())) else { return Ok(()) };
    Err(ApiError::bad_request(format!("unknown parameter `{name}`{}", near(name, known)))
        .details(json!({"parameter": name, "known": known})))
}

fn missing(connector: &Connector, resource: &str, method: MethodName) -> String {
    let has: Vec<&str> = connector
        .methods_by_resource()
        .filter(|(name, _, _)| *name == resource)
        .map(|(_, method, _)| method.as_str())
        .collect();
    if has.is_empty() {
        let mut others: Vec<&str> = connector.methods_by_resource().map(|(name, _, _)| name).collect();
        others.dedup();
        format!("{} has no `{resource}`; it has {}", connector.id(), others.join(", "))
    } else {
        format!("{} has no `{}` for `{resource}`; it has {}", connector.id(), method.as_str(), has.join(", "))
    }
}

fn near(name: &str, known: &[&str]) -> String {
    nearest(name, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
