//! Descriptions for programs and for people. No token is asked for: nothing here is anybody's own.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use crate::error::ApiError;
use crate::state::App;

/// `GET /openapi.json`.
pub async fn openapi(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    Ok(app.descriptions.made(&app.catalog).await?.openapi.answer(&headers))
}
