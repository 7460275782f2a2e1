//! `GET /unified/{model}/{resource}/{id}`: one record, not wrapped.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use rollcall_connector::MethodName;
use rollcall_engine::{Limits, explain};
use serde_json::{Value, json};

use crate::accounts::Connected;
use crate::error::ApiError;
use crate::list::{failed, rate_headers};
use crate::query::{Format, UnifiedQuery};
use crate::state::App;

/// Answers a get call.
///
/// # Errors
/// A request that cannot be met, 404 for a record that is not there, or the provider's fault.
pub async fn answer(
    app: Arc<App>,
    connected: Arc<Connected>,
    query: UnifiedQuery,
    id: &str,
) -> Result<Response, ApiError> {
    let config = &app.config;
    let session = connected.session(Limits {
        request_timeout: config.exchange_timeout,
        wait_max: config.pause_max,
        call_timeout: config.page_patience,
        ..Limits::default()
    });
    if query.format == Format::Debug {
        session.keep_trace();
    }
    let request = query.request;
    let explained = request.clone();
    let got = match rollcall_engine::get(Arc::clone(&session), request, id).await {
        Ok(got) => got,
        Err(fault) => return Err(failed(&app, &connected, &session, fault).await),
    };
    app.accounts.note(&connected, None).await;
    let (requests, _) = session.counts();
    crate::telemetry::listed(&got.completeness, requests, 1);
    let partial = !got.completeness.missing.is_empty();
    let mut response = match (query.format, got.answer) {
        (Format::Raw, Some(answer)) => {
            let answer = session.cleaned(answer);
            let mut response = Response::new(Body::from(answer.body));
            let content_type = answer.headers.get(header::CONTENT_TYPE).cloned();
            let content_type = content_type.unwrap_or_else(|| HeaderValue::from_static("application/octet-stream"));
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            response
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
            response
        }
        (Format::Raw, None) => {
            return Err(ApiError::bad_request(format!(
                "{} cannot be asked for one of `{}`: it is found in the list, so there is no answer of its own to give; use `unified`, whose `remote_data` is the provider's record",
                connected.connector.id(),
                got.completeness.resource
            )));
        }
        (Format::Debug, _) => {
            let mut record: Value = serde_json::from_slice(&got.record).unwrap_or_default();
            record["debug"] = json!({
                "exchanges": session.trace(),
                "completeness": got.completeness,
                "plan": explain::explain(&connected.connector, &explained, MethodName::Get)?,
            });
            Response::new(Body::from(record.to_string()))
        }
        _ => Response::new(Body::from(got.record)),
    };
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    headers.insert("rollcall-completeness", HeaderValue::from_static(if partial { "partial" } else { "whole" }));
    rate_headers(headers, session.rate());
    Ok(response)
}
