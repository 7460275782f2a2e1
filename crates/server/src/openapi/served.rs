//! Descriptions as they are served: made when they are first asked for, then kept, each with the tag of its content.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use moka::sync::Cache;
use rollcall_connector::Catalog;
use tokio::sync::OnceCell;

use super::counts::Counts;
use crate::error::ApiError;

/// Pages kept: more than there are resources and connectors.
const PAGES_MAX: u64 = 4096;

/// What the server says of itself.
pub struct Descriptions {
    made: OnceCell<Arc<Made>>,
    pages: Cache<String, Arc<Document>>,
}

/// What all descriptions share.
pub struct Made {
    pub counts: Counts,
    pub openapi: Document,
}

/// Something to be given as it is.
pub struct Document {
    body: Bytes,
    content_type: &'static str,
    tag: String,
}

impl Default for Descriptions {
    fn default() -> Self {
        Self { made: OnceCell::new(), pages: Cache::new(PAGES_MAX) }
    }
}

impl Descriptions {
    /// The counts and the document; the first caller waits while all connectors are read.
    ///
    /// # Errors
    /// None that a caller can mend.
    pub async fn made(&self, catalog: &Arc<Catalog>) -> Result<Arc<Made>, ApiError> {
        let make = || {
            let catalog = Arc::clone(catalog);
            async move {
                tokio::task::spawn_blocking(move || {
                    let counts = Counts::of(&catalog);
                    let openapi = Document::new("application/json", super::written(&counts).to_string());
                    Arc::new(Made { counts, openapi })
                })
                .await
                .map_err(|_| failed())
            }
        };
        self.made.get_or_try_init(make).await.map(Arc::clone)
    }

    /// A page that is made once.
    ///
    /// # Errors
    /// Those of making it.
    pub async fn page<F>(&self, name: &str, make: F) -> Result<Arc<Document>, ApiError>
    where
        F: FnOnce() -> Result<Document, ApiError> + Send + 'static,
    {
        if let Some(page) = self.pages.get(name) {
            return Ok(page);
        }
        let page = Arc::new(tokio::task::spawn_blocking(make).await.map_err(|_| failed())??);
        self.pages.insert(name.to_owned(), Arc::clone(&page));
        Ok(page)
    }
}

/// The error of a description that could not be made.
#[must_use]
pub fn failed() -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the description could not be made; the log says why")
}

impl Document {
    /// A document with the tag of its content.
    #[must_use]
    pub fn new(content_type: &'static str, text: String) -> Self {
        let hash = digest(&SHA256, text.as_bytes());
        let hex: String = hash.as_ref().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self { body: Bytes::from(text), content_type, tag: format!("\"{hex}\"") }
    }

    /// The answer to a caller, who may have it already.
    #[must_use]
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        let known = is_known(asked, &self.tag);
        let body = if known { Body::empty() } else { Body::from(self.body.clone()) };
        let mut response = Response::new(body);
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

/// Whether one of the tags that the caller has is this one.
fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut given = values.flat_map(|value| value.split(',')).map(str::trim);
    given.any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}
