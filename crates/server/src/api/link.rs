//! What the page for connecting an account asks for, with the link token as bearer; and where providers send browsers back to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use rollcall_connector::Connector;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::accounts::{read, split};
use crate::api;
use crate::caller::LinkCaller;
use crate::error::ApiError;
use crate::link::form::{form, product};
use crate::link::offer::Offer;
use crate::link::page::told;
use crate::link::sign_in::{self, Beginning, Failed, Returned};
use crate::state::App;

/// What somebody filled in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filled {
    integration: String,
    auth: Option<String>,
    #[serde(default)]
    settings: BTreeMap<String, Value>,
    #[serde(default)]
    credential: BTreeMap<String, Value>,
}

/// `GET /link`: what the link is for.
pub async fn get(State(app): State<Arc<App>>, link: LinkCaller) -> Result<Response, ApiError> {
    let offer = Offer::of(&link.token);
    let account = offer.account(&app, &link.token).await?;
    let ids: Vec<String> = match &account {
        Some((account, _)) => vec![account.connector.clone()],
        None => app.catalog.ids().into_iter().filter(|id| offer.has(id)).collect(),
    };
    let products = products(&app, ids).await?;
    let anew = account.map(|(account, _)| {
        json!({
            "integrated_account_id": account.id,
            "integration": account.connector,
            "label": account.label,
            "auth": account.auth,
            "settings": account.settings,
        })
    });
    Ok(api::json(&json!({
        "integrations": products,
        "connects_anew": anew,
        "returns_to": offer.redirect_uri.as_deref().and_then(host_of),
        "expires_at": link.token.expires_at.map(api::time),
    })))
}

/// The products of these ids by name. The first time all of them are read, which takes long enough to hold up other calls.
async fn products(app: &Arc<App>, ids: Vec<String>) -> Result<Vec<Value>, ApiError> {
    let catalog = Arc::clone(&app.catalog);
    let reading = tokio::task::spawn_blocking(move || {
        let mut products: Vec<Value> =
            ids.iter().filter_map(|id| catalog.connector(id).ok()).map(|connector| product(&connector)).collect();
        products.sort_by_key(|product| product["label"].as_str().unwrap_or_default().to_lowercase());
        products
    });
    reading.await.map_err(|fault| {
        tracing::error!(%fault, "the catalogue could not be read");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here; the log says what")
    })
}

/// `GET /link/integration/{slug}`: the form of a product.
pub async fn integration(
    State(app): State<Arc<App>>,
    link: LinkCaller,
    Path(slug): Path<String>,
) -> Result<Response, ApiError> {
    let offer = Offer::of(&link.token);
    let connector = offered(&app, &offer, &slug)?;
    let ready = offer.ready(&app, &link.token, &connector).await?;
    Ok(api::json(&form(&app, &connector, ready.as_ref())))
}

/// `POST /link/integrated-account`: tries what was filled in and saves it, or gives the address where somebody signs in.
pub async fn connect(State(app): State<Arc<App>>, link: LinkCaller, body: Bytes) -> Result<Response, ApiError> {
    app.tries.another(&link.token.id)?;
    let filled: Filled = read(&body)?;
    let offer = Offer::of(&link.token);
    let connector = offered(&app, &offer, &filled.integration)?;
    let values = split(&connector, &filled.settings, &filled.credential)?;
    let attempt = offer.attempt(&app, &link.token, &connector, filled.auth.as_deref(), values).await?;
    if sign_in::is_needed(&connector, &attempt.auth, &attempt.values) {
        let authorize_url = Beginning::of(&app, &attempt).await?.keep(&app, attempt).await?;
        return Ok(api::json(&json!({ "authorize_url": authorize_url })));
    }
    let (account, validation) = attempt.clone().run(&app).await?;
    let body = json!({
        "integrated_account_id": account.id,
        "redirect_to": attempt.way_on(&account),
        "validation": validation.shown(),
    });
    Ok((StatusCode::CREATED, api::json(&body)).into_response())
}

/// `GET /connect/callback`: the browser comes back from the provider.
pub async fn callback(State(app): State<Arc<App>>, RawQuery(raw): RawQuery) -> Response {
    match sign_in::finish(&app, returned(&raw.unwrap_or_default())).await {
        Ok((attempt, account)) => {
            let way = attempt.way_on(&account).and_then(|address| HeaderValue::from_str(&address).ok());
            match way {
                Some(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
                None => {
                    let heading = format!("{} is connected", label(&app, &attempt.connector));
                    let tried =
                        if attempt.validate { "The account was tried and works." } else { "The account is saved." };
                    told(StatusCode::OK, &heading, &format!("{tried} You can close this page."), None)
                }
            }
        }
        Err(failed) => failure(&app, &failed),
    }
}

fn failure(app: &App, failed: &Failed) -> Response {
    let attempt = failed.attempt.as_deref();
    let heading = attempt.map_or_else(
        || "Not connected".to_owned(),
        |attempt| format!("{} was not connected", label(app, &attempt.connector)),
    );
    // The link itself is in the browser's own memory of this site, and not here.
    let way = attempt.and_then(|attempt| match (&attempt.link, &attempt.redirect_uri) {
        (Some(_), _) => Some(("../connect".to_owned(), "Try again".to_owned())),
        (None, Some(address)) => {
            let mut url = Url::parse(address).ok()?;
            url.query_pairs_mut().append_pair("error", "not_connected");
            Some((url.to_string(), format!("Go back to {}", url.host_str()?)))
        }
        (None, None) => None,
    });
    let way = way.as_ref().map(|(address, label)| (address.as_str(), label.as_str()));
    told(failed.error.status, &heading, &sentence(&failed.error.message), way)
}

/// Messages begin in lower case and end without a stop; a page for people does not.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// The product's name as people write it.
fn label(app: &App, slug: &str) -> String {
    app.catalog.connector(slug).map_or_else(|_| slug.to_owned(), |connector| connector.definition().name.clone())
}

/// The parameters of a provider's answer; one that comes twice is none (RFC 6749 section 3.1).
fn returned(raw: &str) -> Returned {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(raw.as_bytes()).into_owned().collect();
    let of = |name: &str| {
        let mut found = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone());
        let first = found.next();
        if found.next().is_some() { None } else { first }
    };
    Returned { code: of("code"), state: of("state"), error: of("error"), error_description: of("error_description") }
}

fn offered(app: &App, offer: &Offer, slug: &str) -> Result<Arc<Connector>, ApiError> {
    let connector = app.accounts.connector(slug)?;
    if offer.has(connector.id()) {
        return Ok(connector);
    }
    Err(ApiError::not_found(format!("this link is not for `{slug}`; `GET /link` lists what it is for")))
}

fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}
