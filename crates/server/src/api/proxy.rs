//! `/proxy/{native resource}`: the provider's own resources, with our sign-in, paging, limits and errors.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rollcall_connector::request::Verb;
use rollcall_engine::native::{self, NativeCall, NativePage};
use rollcall_engine::{Limits, Session};
use serde_json::{Value, json};

use super::accounts::audit;
use super::unified::account_id;
use crate::accounts::Connected;
use crate::caller::Caller;
use crate::cursor::Bound;
use crate::error::ApiError;
use crate::list::{failed, rate_headers};
use crate::query::{self, Members, Tree};
use crate::state::App;

/// Any verb of `/proxy/{path}`.
pub async fn call(
    State(app): State<Arc<App>>,
    caller: Caller,
    method: Method,
    Path(path): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let verb = verb(&method)?;
    caller.needs(if verb == Verb::Get { "proxy:read" } else { "proxy:write" })?;
    let members = query::parse(&raw.unwrap_or_default())?;
    let account = account_id(&members, &caller)?;
    let connected = app.accounts.get(caller.environment(), &account).await?;
    let (query, cursor) = own_query(&members)?;
    let path = format!("/{path}");
    let session = connected.session(Limits {
        request_timeout: app.config.exchange_timeout,
        wait_max: app.config.pause_max,
        call_timeout: app.config.page_patience,
        // What may have changed something is not sent again.
        attempts_max: if verb == Verb::Get { Limits::default().attempts_max } else { 1 },
        ..Limits::default()
    });
    if verb == Verb::Get
        && let Some(response) = page(&app, &connected, &session, &path, &query, cursor.as_deref()).await?
    {
        return Ok(response);
    }
    if cursor.is_some() {
        return Err(ApiError::bad_request(format!("`next_cursor` is not one of `{path}`, which has no known paging")));
    }
    if verb != Verb::Get {
        let details = json!({"method": method.as_str(), "path": path});
        audit(&app, &caller, "proxy.write", &connected.account.id, details).await?;
    }
    let call = NativeCall { verb, path, query, body: sent(&headers, &body)? };
    let answer = match native::forward(&session, call).await {
        Ok(answer) => answer,
        Err(fault) => return Err(failed(&app, &connected, &session, fault).await),
    };
    app.accounts.note(&connected, None).await;
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    if let Some(content_type) = answer.headers.get(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, content_type.clone());
    }
    // A provider's HTML must not become a page of ours.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    rate_headers(headers, session.rate());
    Ok(response)
}

fn verb(method: &Method) -> Result<Verb, ApiError> {
    Ok(match method.as_str() {
        "GET" => Verb::Get,
        "POST" => Verb::Post,
        "PUT" => Verb::Put,
        "PATCH" => Verb::Patch,
        "DELETE" => Verb::Delete,
        other => {
            let mut error =
                ApiError::new(StatusCode::METHOD_NOT_ALLOWED, format!("`{other}` is not passed on to providers"));
            error.allow = Some("GET, POST, PUT, PATCH, DELETE");
            return Err(error);
        }
    })
}

/// One page of a list that the connector knows how to page; nothing for other paths.
async fn page(
    app: &App,
    connected: &Connected,
    session: &Arc<Session>,
    path: &str,
    query: &[(String, String)],
    cursor: Option<&str>,
) -> Result<Option<Response>, ApiError> {
    let binding = format!("{query:?}");
    let resource = format!("proxy {path}");
    let bound =
        Bound { account: &connected.identity, resource: &resource, query: &binding, connector: &connected.fingerprint };
    let place = cursor.map(|cursor| app.cursors.open(cursor, &bound, app.now())).transpose()?;
    let page = match native::list(session, path, query, place.as_ref()).await {
        Ok(Some(page)) => page,
        Ok(None) => return Ok(None),
        Err(fault) => return Err(failed(app, connected, session, fault).await),
    };
    app.accounts.note(connected, None).await;
    let next = page.next.as_ref().map(|place| app.cursors.seal(place, &bound, app.now())).transpose()?;
    let mut response = Response::new(Body::from(envelope(&page, next.as_deref())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    rate_headers(headers, session.rate());
    Ok(Some(response))
}

/// The records as they came, in our envelope.
fn envelope(page: &NativePage, next: Option<&str>) -> Vec<u8> {
    let mut out = b"{\"result\":[".to_vec();
    for (index, item) in page.items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(item);
    }
    let rest = json!({
        "next_cursor": next,
        "prev_cursor": Value::Null,
        "result_count": page.items.len(),
    })
    .to_string();
    out.extend_from_slice(b"],");
    out.extend_from_slice(rest.get(1..).unwrap_or_default().as_bytes());
    out
}

/// Names and values, as they go to the provider.
type OwnQuery = Vec<(String, String)>;

/// What goes to the provider, and the caller's cursor.
fn own_query(members: &Members) -> Result<(OwnQuery, Option<String>), ApiError> {
    let mut own = Vec::new();
    let mut cursor = None;
    for (name, tree) in members {
        match (name.as_str(), tree) {
            ("integrated_account_id", _) => {}
            ("next_cursor", Tree::Text(text)) => cursor = Some(text.clone()).filter(|text| !text.is_empty()),
            // For names that are ours too, such as a provider's own `next_cursor`.
            ("remote_query", tree) => own.extend(query::remote_query(tree)?),
            (name, _) if name.starts_with("truto_") => {
                return Err(ApiError::bad_request(format!(
                    "`{name}` belongs to the unified API; `/proxy` passes on as it is"
                )));
            }
            (name, tree) => {
                let named = Tree::Object(vec![(name.to_owned(), tree.clone())]);
                own.extend(query::remote_query(&named)?);
            }
        }
    }
    Ok((own, cursor))
}

/// A body to pass on; its content type goes with it.
fn sent(headers: &HeaderMap, body: &Bytes) -> Result<Option<(String, String)>, ApiError> {
    if body.is_empty() {
        return Ok(None);
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let text = std::str::from_utf8(body)
        .map_err(|_| ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "only bodies of text are passed on"))?;
    Ok(Some((content_type.unwrap_or("application/json").to_owned(), text.to_owned())))
}
