//! `GET /unified/{model}/{resource}`: one page, or everything in one answer.

mod body;
mod headers;
mod keyed;
mod page;
mod raw;
mod stream;

use std::sync::Arc;

use axum::response::Response;
use rollcall_connector::{Connector, MethodName};
use rollcall_engine::{Fault, Limits, Listing, Place, Session};

use crate::accounts::Connected;
use crate::cursor::Bound;
use crate::error::ApiError;
use crate::query::{Format, UnifiedQuery};
use crate::state::App;

pub use headers::rate_headers;

/// A list call that was read and may begin.
pub struct Call {
    pub app: Arc<App>,
    pub connected: Arc<Connected>,
    pub resource: &'static str,
    pub query: UnifiedQuery,
    /// The path and query that lead to the next page, without the cursor.
    pub link: String,
}

impl Call {
    fn bound(&self) -> Bound<'_> {
        Bound {
            account: &self.connected.identity,
            resource: self.resource,
            query: &self.query.binding,
            connector: &self.connected.fingerprint,
        }
    }

    /// Where the caller's cursor leads.
    fn place(&self) -> Result<Option<Place>, ApiError> {
        let cursor = self.query.next_cursor.as_deref();
        cursor.map(|cursor| self.app.cursors.open(cursor, &self.bound(), self.app.now())).transpose()
    }

    /// What a listing that waits is found by. The cursor alone does not say how its records are written, nor with which credential.
    fn waiting(&self, cursor: &str) -> String {
        let request = &self.query.request;
        format!("{cursor} {} {} {:?}", self.connected.account.version, request.remote_data, request.exclude)
    }

    fn seal(&self, place: &Place) -> Result<String, ApiError> {
        self.app.cursors.seal(place, &self.bound(), self.app.now())
    }

    fn limits(&self, whole: bool) -> Limits {
        let config = &self.app.config;
        Limits {
            request_timeout: config.exchange_timeout,
            wait_max: if whole { Limits::default().wait_max } else { config.pause_max },
            call_timeout: if whole { config.stream_patience } else { config.page_patience },
            held_records_max: config.held_records_max,
            held_bytes_max: config.held_bytes_max,
            ..Limits::default()
        }
    }

    /// A listing from the caller's place.
    async fn listing(&self, whole: bool, place: Option<&Place>) -> Result<Listing, ApiError> {
        let session = self.connected.session(self.limits(whole));
        let mut key = [0; 8];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| {
            ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "the system gives no random numbers")
        })?;
        if self.query.format == Format::Debug {
            session.keep_trace();
        }
        match Listing::resume(Arc::clone(&session), self.query.request.clone(), place, u64::from_le_bytes(key)).await {
            Ok(listing) => Ok(listing),
            Err(fault) => Err(self.failed(&session, fault).await),
        }
    }

    /// The error of a fault, once the account has taken note of it.
    async fn failed(&self, session: &Session, fault: Fault) -> ApiError {
        failed(&self.app, &self.connected, session, fault).await
    }
}

/// The error of a provider's fault, once the account has taken note of it.
pub async fn failed(app: &App, connected: &Connected, session: &Session, mut fault: Fault) -> ApiError {
    if fault.needs.is_empty() && fault.kind == rollcall_engine::FaultKind::Permission {
        let auth = connected.connector.auth(&connected.account.auth);
        fault.needs = auth.map(|auth| auth.permissions.clone()).unwrap_or_default();
    }
    app.accounts.note(connected, Some(&fault)).await;
    crate::telemetry::failed(connected.connector.id(), &fault);
    let mut error = ApiError::from(fault);
    error.rate = session.rate();
    error
}

/// Answers a list call.
///
/// # Errors
/// A request that cannot be met, or the provider's fault.
pub async fn answer(call: Call) -> Result<Response, ApiError> {
    let format = call.query.format;
    if call.query.ignore_limit && !matches!(format, Format::Unified | Format::Stream) {
        return Err(ApiError::bad_request(
            "`truto_ignore_limit` goes with the formats `unified` and `stream`; ask for pages in the others",
        ));
    }
    match format {
        Format::Raw => raw::answer(call).await,
        Format::Stream => stream::lines(call).await,
        Format::Unified if call.query.ignore_limit => stream::envelope(call).await,
        _ => page::answer(call).await,
    }
}

/// Fields that `get` gives and the list does not.
pub fn fields_of_get_alone(connector: &Connector, resource: &str) -> Vec<String> {
    let fields = |method| -> Vec<String> {
        let Some(unified) = connector.definition().unified.get(resource) else { return Vec::new() };
        if connector.method(resource, method).is_none() {
            return Vec::new();
        }
        let mut names: Vec<String> = unified.fields.keys().cloned().collect();
        if method == MethodName::Get
            && let Some(own) = &unified.get
        {
            for (name, value) in own {
                names.retain(|known| known != name);
                if !value.is_null() {
                    names.push(name.clone());
                }
            }
        }
        names
    };
    let list = fields(MethodName::List);
    fields(MethodName::Get).into_iter().filter(|name| !list.contains(name)).collect()
}
