//! A request as it arrives.

use http::{HeaderMap, Method};
use rollcall_connector::definition::Place;
use rollcall_connector::request::text;
use serde_json::Value;
use url::Url;

use crate::place;

/// A request with its parts read.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub method: Method,
    pub url: Url,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: String,
    pub json: Option<Value>,
    pub form: Vec<(String, String)>,
}

impl Incoming {
    /// Reads a request.
    pub fn new(method: Method, url: Url, headers: HeaderMap, body: &[u8]) -> Self {
        let query = url.query_pairs().into_owned().collect();
        let is_form = headers
            .get(http::header::CONTENT_TYPE)
            .is_some_and(|v| v.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        let json = if is_form || body.is_empty() { None } else { serde_json::from_slice(body).ok() };
        let form = if is_form { url::form_urlencoded::parse(body).into_owned().collect() } else { Vec::new() };
        Self { method, url, query, headers, body: String::from_utf8_lossy(body).into_owned(), json, form }
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A paging value, from where the connector says that it travels.
    pub fn value(&self, at: Place, name: &str) -> Option<String> {
        match at {
            Place::Query => self.query(name).map(str::to_owned),
            Place::Header => self.header(name).map(str::to_owned),
            Place::Form => self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()),
            Place::Json => place::at(self.json.as_ref()?, &format!(".{name}")).map(text),
            Place::Variable => self.json.as_ref()?.get("variables")?.get(name).map(text),
            Place::Path => None,
        }
        .filter(|value| !value.is_empty())
    }

    /// Its address with one parameter of the query replaced.
    pub fn with_query(&self, name: &str, value: &str) -> String {
        let mut url = self.url.clone();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(self.query.iter().filter(|(known, _)| known != name))
            .append_pair(name, value);
        url.into()
    }
}
