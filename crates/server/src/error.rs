//! What callers are told when something cannot be done: one shape, `{statusCode, error, message, details?}`, and for a provider's faults
//! the provider's words beside it.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use rollcall_engine::{Fault, FaultKind, RateSeen};
use serde_json::{Map, Value, json};

use crate::list::rate_headers;

/// An answer that is not the one that was asked for.
#[derive(Debug)]
pub struct ApiError {
    pub status: StatusCode,
    pub message: String,
    pub details: Option<Value>,
    /// What a provider said: its answer, and what is known about it.
    pub remote: Option<Box<Remote>>,
    /// Seconds after which asking again may help.
    pub retry_after: Option<u64>,
    /// What the provider said of its rate limit.
    pub rate: Option<RateSeen>,
    /// The methods that there are, for a 405.
    pub allow: Option<&'static str>,
}

/// A provider's part in an error.
#[derive(Debug, Default)]
pub struct Remote {
    pub raw_response: Value,
    pub insight: Map<String, Value>,
}

/// Parameters that a call lacks, in `details` and in what is known of the error.
const MISSING: &str = "missing_required_query_parameters";

impl ApiError {
    /// An error with a message that says what happened and what to do.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            details: None,
            remote: None,
            retry_after: None,
            rate: None,
            allow: None,
        }
    }

    /// A request that cannot be met as it was asked.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Something that is not there, or not for this token.
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// No valid token.
    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// A valid token that may not do this.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// With details for programs.
    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({
            "statusCode": self.status.as_u16(),
            "error": self.status.canonical_reason().unwrap_or("Error"),
            "message": self.message,
        });
        if let Some(details) = &self.details {
            body["details"] = details.clone();
        }
        if let Some(remote) = &self.remote {
            body["truto_is_remote_error"] = Value::Bool(true);
            body["raw_response"] = remote.raw_response.clone();
            if !remote.insight.is_empty() {
                body["truto_error_insight"] = Value::Object(remote.insight.clone());
            }
        }
        if let Some(names) = self.details.as_ref().and_then(|details| details.get(MISSING)) {
            let insight = json!({"description": "the call lacks parameters that are needed", "value": names});
            body["truto_error_insight"][MISSING] = insight;
        }
        body
    }

    /// From a fault of the engine.
    #[must_use]
    pub fn of_fault(fault: &Fault) -> Self {
        let mut message = fault.message.clone();
        if let Some(said) = &fault.provider_said {
            message.push_str(&format!("; it said: \"{said}\""));
        }
        if let Some(hint) = &fault.hint {
            message.push_str(&format!("; {hint}"));
        }
        let mut error = Self::new(status_of(fault), message);
        error.retry_after = fault.retry_after.map(|wait| whole_seconds(wait).max(1));
        if error.status == StatusCode::TOO_MANY_REQUESTS && error.retry_after.is_none() {
            // Without the provider's word: a minute is what most windows last.
            error.retry_after = Some(60);
        }
        if is_remote(fault) {
            error.remote = Some(Box::new(Remote { raw_response: raw(fault), insight: insight(fault) }));
        }
        error
    }
}

/// Seconds, rounded up: who comes back a moment too early is refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Whether the provider is at fault, or has refused: everything but what we refused ourselves.
fn is_remote(fault: &Fault) -> bool {
    fault.status.is_some() || !matches!(fault.kind, FaultKind::BadRequest | FaultKind::LimitReached | FaultKind::Gone)
}

/// The status: the provider's own where it is an error, else what the kind means.
fn status_of(fault: &Fault) -> StatusCode {
    let own = fault.status.and_then(|status| StatusCode::from_u16(status).ok());
    let own = own.filter(|status| status.is_client_error() || status.is_server_error());
    match fault.kind {
        FaultKind::Credential => StatusCode::UNAUTHORIZED,
        FaultKind::Throttled => StatusCode::TOO_MANY_REQUESTS,
        FaultKind::ProviderDown if fault.timed_out => StatusCode::GATEWAY_TIMEOUT,
        FaultKind::UnexpectedShape => StatusCode::BAD_GATEWAY,
        FaultKind::LimitReached if fault.timed_out => StatusCode::GATEWAY_TIMEOUT,
        FaultKind::Permission => own.unwrap_or(StatusCode::FORBIDDEN),
        FaultKind::Gone => own.unwrap_or(StatusCode::NOT_FOUND),
        FaultKind::BadRequest => own.unwrap_or(StatusCode::BAD_REQUEST),
        FaultKind::ProviderDown => own.unwrap_or(StatusCode::BAD_GATEWAY),
        FaultKind::LimitReached => own.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
    }
}

fn raw(fault: &Fault) -> Value {
    match &fault.raw {
        Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(&**text)),
        None => Value::Null,
    }
}

fn insight(fault: &Fault) -> Map<String, Value> {
    let mut insight = Map::new();
    let mut add = |key: &str, description: String, value: Option<Value>| {
        let mut entry = json!({"description": description});
        if let Some(value) = value {
            entry["value"] = value;
        }
        insight.insert(key.to_owned(), entry);
    };
    let said = fault.provider_said.clone().unwrap_or_else(|| fault.message.clone());
    match fault.kind {
        FaultKind::Throttled => {
            let wait = fault.retry_after.map(|wait| json!({"retry_after_seconds": whole_seconds(wait)}));
            add("rate_limit_error", "the provider asks to slow down".to_owned(), wait);
        }
        FaultKind::Permission => {
            let value = (!fault.needs.is_empty()).then(|| json!({"missing_scopes": fault.needs}));
            add("forbidden_error", "the credential may not do this".to_owned(), value);
        }
        _ => {}
    }
    let code = fault.code.as_ref().map(|code| json!({"code": code, "status": fault.status}));
    add("remote_error", said, code);
    insight
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let mut error = Self::of_fault(&fault);
        if !fault.missing_parameters.is_empty() {
            let names = json!(fault.missing_parameters);
            error.details = Some(json!({ MISSING: names }));
        }
        error
    }
}

impl From<rollcall_store::Error> for ApiError {
    fn from(fault: rollcall_store::Error) -> Self {
        if fault.is_transient() {
            tracing::warn!(%fault, "the store cannot be reached");
            let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be reached; try again later");
            error.retry_after = Some(5);
            return error;
        }
        tracing::error!(%fault, "the store failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here; the log says what")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = self.body().to_string();
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        rate_headers(headers, self.rate);
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if self.status == StatusCode::UNAUTHORIZED && self.remote.is_none() {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
