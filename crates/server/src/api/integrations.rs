//! The catalogue: what can be connected, how, and what it gives.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use rollcall_connector::tier::{self, Tier};
use rollcall_connector::{Connector, MethodName, account, nearest};
use rollcall_model::{Method, Model};
use serde_json::{Map, Value, json};

use super::accounts::find;
use crate::api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::query::{self, LIMIT_MAX, Tree};
use crate::state::App;

/// `GET /integration`: all of them, unless a limit is given.
pub async fn list(State(app): State<Arc<App>>, caller: Caller, RawQuery(raw): RawQuery) -> Result<Response, ApiError> {
    caller.needs_environment()?;
    let wanted = Wanted::read(&app, &raw.unwrap_or_default())?;
    let all = app.catalog.ids().into_iter().filter_map(|id| app.catalog.connector(&id).ok());
    let mut result: Vec<Value> = all.map(|connector| summary(&app, &connector)).filter(|one| wanted.has(one)).collect();
    let more = wanted.limit.is_some_and(|limit| result.len() > limit);
    result.truncate(wanted.limit.unwrap_or(usize::MAX));
    let next = result.last().filter(|_| more).map(|last| last["name"].clone());
    let count = result.len();
    Ok(api::json(&json!({"result": result, "next_cursor": next, "prev_cursor": null, "result_count": count})))
}

/// What of the catalogue is asked for.
#[derive(Default)]
struct Wanted {
    /// Members that must be so.
    members: Vec<(&'static str, String)>,
    /// The slug that a page ended with.
    after: Option<String>,
    limit: Option<usize>,
}

impl Wanted {
    fn read(app: &App, raw: &str) -> Result<Self, ApiError> {
        let mut wanted = Self::default();
        for (name, tree) in query::parse(raw)? {
            let Tree::Text(value) = tree else { return Err(ApiError::bad_request(format!("`{name}` is one value"))) };
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "name" => wanted.members.push(("name", app.catalog.resolve(&value).unwrap_or(value))),
                "category" => wanted.members.push(("category", value)),
                "tier" => match Tier::ALL.into_iter().find(|tier| tier.as_str() == value) {
                    Some(_) => wanted.members.push(("tier", value)),
                    None => {
                        let all = Tier::ALL.map(Tier::as_str).join(", ");
                        return Err(ApiError::bad_request(format!("`tier={value}`: there are {all}")));
                    }
                },
                "next_cursor" => wanted.after = Some(value),
                "limit" => match value.parse() {
                    Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => wanted.limit = Some(limit),
                    _ => return Err(ApiError::bad_request(format!("`limit={value}`: expected 1 to {LIMIT_MAX}"))),
                },
                other => {
                    let near = nearest(other, ["name", "category", "tier", "limit", "next_cursor"]);
                    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    return Err(ApiError::bad_request(format!("unknown parameter `{other}`{near}")));
                }
            }
        }
        Ok(wanted)
    }

    /// Whether a summary is asked for.
    fn has(&self, summary: &Value) -> bool {
        self.members.iter().all(|(member, wanted)| summary[*member] == wanted.as_str())
            && self.after.as_deref().is_none_or(|after| summary["name"].as_str() > Some(after))
    }
}

/// `GET /integration/{slug}`.
pub async fn get(State(app): State<Arc<App>>, caller: Caller, Path(slug): Path<String>) -> Result<Response, ApiError> {
    caller.needs_environment()?;
    let connector = app.accounts.connector(&slug)?;
    let definition = connector.definition();
    let mut shown = summary(&app, &connector);
    shown["docs"] = json!(definition.docs);
    shown["settings"] = definition.settings.iter().map(|(name, field)| input(name, field)).collect();
    let kinds: Map<String, Value> = definition
        .auth
        .iter()
        .map(|(name, auth)| {
            let inputs = account::inputs(definition, name);
            let own = inputs.iter().filter(|(name, _)| definition.settings.get(name).is_none());
            let fields: Vec<Value> = own.map(|(name, field)| input(name, field)).collect();
            let entry = json!({
                "fields": fields,
                "permissions": auth.permissions,
                "scopes": auth.oauth2.as_ref().map(|oauth2| oauth2.scopes.clone()).unwrap_or_default(),
                "browser": auth.oauth2.as_ref().is_some_and(|oauth2| oauth2.authorize.is_some()),
            });
            (name.to_owned(), entry)
        })
        .collect();
    shown["credentials"] = Value::Object(kinds);
    shown["readme"] = json!(app.catalog.file(connector.id(), "README.md"));
    Ok(api::json(&shown))
}

/// `GET /integration/{slug}/capabilities`.
pub async fn capabilities(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(slug): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    caller.needs_environment()?;
    let connector = app.accounts.connector(&slug)?;
    Ok(api::json(&capable(&connector, None, &raw.unwrap_or_default())?))
}

/// `GET /integrated-account/{id}/capabilities`.
pub async fn account_capabilities(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    caller.needs("accounts:read")?;
    let account = find(&app, &caller, &id).await?;
    let connector = app.accounts.connector(&account.connector)?;
    Ok(api::json(&capable(&connector, Some(&account.auth), &raw.unwrap_or_default())?))
}

fn summary(app: &App, connector: &Connector) -> Value {
    let definition = connector.definition();
    let mut resources: Map<String, Value> = Map::new();
    for (resource, method, _) in connector.methods_by_resource() {
        if let Value::Array(methods) = resources.entry(resource.to_owned()).or_insert_with(|| json!([])) {
            methods.push(Value::from(method.as_str()));
        }
    }
    json!({
        "name": definition.id,
        "label": definition.name,
        "aliases": definition.aliases,
        "category": definition.category,
        "tier": tier::of(&app.catalog, connector).as_str(),
        "auth": definition.auth.keys().collect::<Vec<_>>(),
        "resources": resources,
    })
}

fn input(name: &str, field: &rollcall_connector::definition::Field) -> Value {
    json!({
        "name": name,
        "label": field.label,
        "help": field.help,
        "example": field.example,
        "secret": field.secret,
        "required": !field.optional && field.default.is_none(),
        "default": field.default,
    })
}

/// Models, resources, methods, credentials and fields; `type`, `methods` and `resource` narrow it down.
fn capable(connector: &Connector, auth: Option<&str>, raw: &str) -> Result<Value, ApiError> {
    let model = Model::user_directory();
    let (mut kind, mut methods, mut only) = (None, None, None);
    for (name, tree) in query::parse(raw)? {
        let names = match tree {
            Tree::Text(text) => text.split(',').map(str::to_owned).filter(|text| !text.is_empty()).collect(),
            Tree::List(items) => items
                .into_iter()
                .filter_map(|item| if let Tree::Text(text) = item { Some(text) } else { None })
                .collect::<Vec<_>>(),
            Tree::Object(_) => return Err(ApiError::bad_request(format!("`{name}` is a name or a list of names"))),
        };
        let allowed: Vec<&str> = match name.as_str() {
            "type" => vec!["unified", "proxy"],
            "methods" => vec!["list", "get"],
            "resource" => model.resources.iter().map(|r| r.name.as_str()).collect(),
            other => {
                let near = nearest(other, ["type", "methods", "resource"]);
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(ApiError::bad_request(format!("unknown parameter `{other}`{near}")));
            }
        };
        if let Some(wrong) = names.iter().find(|given| !allowed.contains(&given.as_str())) {
            return Err(ApiError::bad_request(format!("`{name}={wrong}`: there are {}", allowed.join(", "))));
        }
        match name.as_str() {
            "type" => kind = Some(names),
            "methods" => methods = Some(names),
            _ => only = Some(names),
        }
    }
    let wanted =
        |list: &Option<Vec<String>>, name: &str| list.as_ref().is_none_or(|list| list.iter().any(|n| n == name));
    let mut resources = Map::new();
    for resource in &model.resources {
        if !wanted(&only, &resource.name) {
            continue;
        }
        let mut entry = Map::new();
        for method in [Method::List, Method::Get] {
            let name = if method == Method::List { MethodName::List } else { MethodName::Get };
            let Some(written) = connector.method(&resource.name, name).filter(|_| wanted(&methods, name.as_str()))
            else {
                continue;
            };
            let fields: Vec<&String> = connector
                .definition()
                .unified
                .get(&resource.name)
                .map(|u| u.fields.keys().collect())
                .unwrap_or_default();
            let required: Vec<&str> =
                written.parameters.iter().filter(|(_, p)| p.required).map(|(name, _)| name).collect();
            entry.insert(
                name.as_str().to_owned(),
                json!({
                    "fields": fields,
                    "parameters": written.parameters.keys().collect::<Vec<_>>(),
                    "required_parameters": required,
                    "provider_filters": written.filter.keys().collect::<Vec<_>>(),
                    "permissions": written.permissions,
                }),
            );
        }
        if !entry.is_empty() {
            resources.insert(resource.name.clone(), Value::Object(entry));
        }
    }
    let mut shown = json!({
        "integration": connector.id(),
        "auth": auth.map_or_else(|| connector.definition().auth.keys().collect::<Vec<_>>(), |auth| vec![auth]),
    });
    if wanted(&kind, "unified") {
        shown["unified"] = json!({ model.name.clone(): resources });
    }
    if wanted(&kind, "proxy") {
        shown["proxy"] = json!({"methods": ["GET", "POST", "PATCH", "PUT", "DELETE"]});
    }
    Ok(shown)
}
