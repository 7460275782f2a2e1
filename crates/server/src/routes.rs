//! Every route, on one page.

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, delete, get, post};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::api::{accounts, apps, docs, environment, integrations, link, meta, operations, proxy, unified};
use crate::error::ApiError;
use crate::link::page;
use crate::request_id;
use crate::state::App;
use crate::telemetry;

/// The server as a service.
pub fn router(app: Arc<App>) -> Router {
    let limit = app.config.body_bytes_max;
    table()
        .router
        .fallback(any(no_route))
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(limit))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), around))
        .layer(middleware::from_fn(request_id::layer))
        .with_state(app)
}

/// All routes, in the order of the documentation. Whoever adds one describes it in `openapi/operations`: a test compares.
fn table() -> Table {
    Table::default()
        .route("/ping", get(operations::ping))
        .route("/health", get(operations::health))
        .route("/ready", get(operations::ready))
        .route("/metrics", get(operations::metrics))
        .route("/unified/{model}/{resource}", get(unified::list).fallback(unified::change))
        .route("/unified/{model}/{resource}/{id}", get(unified::get).fallback(unified::change))
        .route("/proxy/{*path}", any(proxy::call))
        .route("/integration", get(integrations::list))
        .route("/integration/{slug}", get(integrations::get))
        .route("/integration/{slug}/capabilities", get(integrations::capabilities))
        .route("/integrated-account", get(accounts::list).post(accounts::create))
        .route("/integrated-account/{id}", get(accounts::get).patch(accounts::change).delete(accounts::remove))
        .route("/integrated-account/{id}/capabilities", get(integrations::account_capabilities))
        .route("/integration/{slug}/app", get(apps::get).put(apps::put).delete(apps::remove))
        .route("/link-token", post(environment::create_link))
        .route("/link", get(link::get))
        .route("/link/integration/{slug}", get(link::integration))
        .route("/link/integrated-account", post(link::connect))
        .route("/connect", get(page::page))
        .route("/connect/files/{name}", get(page::files))
        .route("/connect/callback", get(link::callback))
        .route("/token", get(environment::list_tokens).post(environment::create_token))
        .route("/token/{id}", delete(environment::revoke_token))
        .route("/audit-log", get(environment::audit_log))
        .route("/unified/{model}/{resource}/meta/{method}", get(meta::of_account))
        .route("/unified/meta/{model}/{integration}", get(meta::of_connector))
        .route("/openapi.json", get(docs::openapi))
        .route("/docs", get(docs::home))
        .route("/docs/{resource}", get(docs::resource))
        .route("/docs/integrations", get(docs::integrations))
        .route("/docs/integrations/{slug}", get(docs::integration))
        .route("/docs/style.css", get(docs::style))
}

/// The paths of all routes, as they are written here.
#[must_use]
pub fn paths() -> &'static [&'static str] {
    static PATHS: LazyLock<Vec<&'static str>> = LazyLock::new(|| table().paths);
    &PATHS
}

/// Routes that remember their paths, which the router itself does not tell.
#[derive(Default)]
struct Table {
    router: Router<Arc<App>>,
    paths: Vec<&'static str>,
}

impl Table {
    fn route(mut self, path: &'static str, methods: MethodRouter<Arc<App>>) -> Self {
        self.paths.push(path);
        self.router = self.router.route(path, methods);
        self
    }
}

async fn no_route(request: Request) -> ApiError {
    ApiError::not_found(format!(
        "there is nothing at `{}`; `GET /openapi.json` lists what there is",
        request.uri().path()
    ))
}

async fn no_method(request: Request) -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!(
            "`{}` does not answer `{}`; `GET /openapi.json` lists what it does",
            request.uri().path(),
            request.method()
        ),
    )
}

/// Bounds on headers, the same headers on every answer, metrics and one log line.
async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", |path| known(path.as_str()));
    let mut response = match bounded(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    if is_unread(&response) {
        let limit = app.config.body_bytes_max;
        response = unread(response.status(), limit).into_response();
    }
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let status = response.status().as_u16();
    let took = started.elapsed();
    telemetry::answered(route, method.as_str(), status, took);
    tracing::info!(route, status, took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX), "answered");
    response
}

/// Whether a request was refused before a handler saw it: only then is a refusal of ours not JSON.
fn is_unread(response: &Response) -> bool {
    let refused = response.status().is_client_error() || response.status().is_server_error();
    refused
        && response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

fn unread(status: StatusCode, body_bytes_max: usize) -> ApiError {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(status, format!("the body is longer than {body_bytes_max} bytes; send less at once"))
        }
        _ => ApiError::new(status, "the request cannot be read: its path or body holds bytes that are no text (UTF-8)"),
    }
}

const HEADERS_MAX: usize = 64;
const HEADER_BYTES_MAX: usize = 16 * 1024;

fn bounded(request: &Request) -> Result<(), ApiError> {
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > HEADERS_MAX || bytes > HEADER_BYTES_MAX {
        return Err(ApiError::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!("more than {HEADERS_MAX} headers or {HEADER_BYTES_MAX} bytes of them"),
        ));
    }
    Ok(())
}

/// The route as a label: a fixed text, so that metrics have a bound.
fn known(path: &str) -> &'static str {
    paths().iter().find(|known| **known == path).copied().unwrap_or("other")
}
