//! What operators ask: is it there, is it ready, what does it do.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

use crate::api;
use crate::state::App;

/// `GET /ping`.
pub async fn ping() -> Response {
    api::json(&json!({"message": "pong", "version": env!("CARGO_PKG_VERSION")}))
}

/// `GET /health`: the process runs.
pub async fn health(State(app): State<Arc<App>>) -> Response {
    let uptime = app.clock.instant().duration_since(app.started).as_secs();
    api::json(&json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "uptime_seconds": uptime}))
}

/// `GET /ready`: it can answer, because the store does.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.store.ready().await {
        Ok(()) => api::json(&json!({"status": "ready"})),
        Err(fault) => {
            tracing::warn!(%fault, "not ready");
            let body = json!({"status": "not ready", "reason": "the store does not answer"}).to_string();
            (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
    }
}

/// `GET /metrics`, for Prometheus.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], app.metrics.render()).into_response()
}
