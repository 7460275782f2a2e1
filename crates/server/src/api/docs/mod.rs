//! Descriptions for programs and for people. No token is asked for: nothing here is anybody's own. The pages need no script, load nothing
//! from elsewhere, and are made once.

mod integration;
mod markdown;
mod resource;
mod samples;
mod templates;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use rollcall_connector::Connector;
use rollcall_model::Model;
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::openapi::counts::Counts;
use crate::openapi::served::Document;
use crate::query;
use crate::state::App;

const HTML: &str = "text/html; charset=utf-8";
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /openapi.json`.
pub async fn openapi(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    Ok(app.descriptions.made(&app.catalog).await?.openapi.answer(&headers))
}

/// `GET /docs`.
pub async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let made = app.descriptions.made(&app.catalog).await?;
    let make = move || {
        let reference = markdown::render(include_str!("../../../../../docs/reference/api.md"));
        page(
            "home.html",
            "/docs",
            json!({
                "connectors": made.counts.connectors,
                "overview": overview(&made.counts),
                "reference": reference.html,
                "headings": reference.headings,
            }),
        )
    };
    Ok(shown(&*app.descriptions.page("/docs", make).await?, &headers))
}

/// `GET /docs/{resource}`.
pub async fn resource(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let resource = query::resource(&Model::user_directory().name, &name)?;
    let made = app.descriptions.made(&app.catalog).await?;
    let url = app.config.public_url.clone();
    let at = format!("/docs/{name}");
    let make = {
        let at = at.clone();
        move || {
            let view = resource::view(resource, &made.counts, &url);
            page("resource.html", &at, json!({"connectors": made.counts.connectors, "resource": view}))
        }
    };
    Ok(shown(&*app.descriptions.page(&at, make).await?, &headers))
}

/// `GET /docs/integrations`.
pub async fn integrations(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let catalog = Arc::clone(&app.catalog);
    let make = move || page("integrations.html", "/docs/integrations", integration::all(&catalog));
    Ok(shown(&*app.descriptions.page("/docs/integrations", make).await?, &headers))
}

/// `GET /docs/integrations/{slug}`.
pub async fn integration(
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let connector = app.accounts.connector(&slug)?;
    Ok(shown(&*of_connector(&app, connector).await?, &headers))
}

/// The page of a connector.
///
/// # Errors
/// None that a caller can mend.
pub async fn of_connector(app: &App, connector: Arc<Connector>) -> Result<Arc<Document>, ApiError> {
    let (catalog, url) = (Arc::clone(&app.catalog), app.config.public_url.clone());
    let at = format!("/docs/integrations/{}", connector.id());
    let make = {
        let at = at.clone();
        move || page("integration.html", &at, integration::one(&catalog, &connector, &url))
    };
    app.descriptions.page(&at, make).await
}

/// A connector as Markdown.
///
/// # Errors
/// None that a caller can mend.
pub async fn as_markdown(app: &App, connector: Arc<Connector>) -> Result<Arc<Document>, ApiError> {
    let (catalog, url) = (Arc::clone(&app.catalog), app.config.public_url.clone());
    let at = format!("markdown {}", connector.id());
    let make = move || {
        let text = templates::render("meta.md", &integration::one(&catalog, &connector, &url))?;
        Ok(Document::new("text/markdown; charset=utf-8", text))
    };
    app.descriptions.page(&at, make).await
}

/// `GET /docs/style.css`.
pub async fn style(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    let make = || Ok(Document::new("text/css; charset=utf-8", include_str!("../../../web/docs/style.css").to_owned()));
    Ok(app.descriptions.page("/docs/style.css", make).await?.answer(&headers))
}

/// A page with what is around it.
fn page(template: &str, at: &str, mut context: Value) -> Result<Document, ApiError> {
    let names: Vec<&str> = Model::user_directory().resources.iter().map(|resource| resource.name.as_str()).collect();
    context["resources"] = json!(names);
    context["at"] = Value::from(at);
    context["version"] = Value::from(env!("CARGO_PKG_VERSION"));
    Ok(Document::new(HTML, templates::render(template, &context)?))
}

fn overview(counts: &Counts) -> Vec<Value> {
    let of = |resource: &rollcall_model::Resource| json!({"name": resource.name, "description": resource.description, "having": counts.having(&resource.name)});
    Model::user_directory().resources.iter().map(of).collect()
}

/// A page, with what it may load.
#[must_use]
pub fn shown(page: &Document, asked: &HeaderMap) -> Response {
    let mut response = page.answer(asked);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
