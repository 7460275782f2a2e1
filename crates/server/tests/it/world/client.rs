//! Calls over HTTP, as anyone makes them.

use std::collections::HashSet;
use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::USERS;

/// Pages of one list, beyond which a test is wrong.
const PAGES_MAX: usize = 2000;

/// A caller with a token.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub url: String,
    pub token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    pub fn new(url: &str, token: &str) -> Self {
        Self { http: http(), url: url.to_owned(), token: token.to_owned() }
    }

    /// The same caller with another token.
    pub fn with(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The same caller at another server.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// A request with the token; the caller sends it.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// A request without a token.
    pub fn anonymous(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json").body(body.to_string());
        Answer::of(request).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    /// A page of people of an account.
    pub async fn users(&self, account: &str, query: &str) -> Answer {
        self.get(&users_path(account, query)).await
    }

    /// All people of an account by pages of at most `limit`, which are what pages must be: never longer than asked for, never empty before
    /// the end, and nobody twice.
    pub async fn all(&self, account: &str, query: &str, limit: usize) -> Vec<Value> {
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut cursor = String::new();
        for _ in 0..PAGES_MAX {
            let page = self.users(account, &join(query, &format!("limit={limit}&next_cursor={cursor}"))).await.ok();
            let records = page["result"].as_array().unwrap_or_else(|| panic!("no list: {page}")).clone();
            assert!(records.len() <= limit, "{} records on a page of {limit}", records.len());
            assert_eq!(page["result_count"], records.len());
            for record in &records {
                assert!(seen.insert(record["id"].to_string()), "twice: {record}");
            }
            all.extend(records.clone());
            match page["next_cursor"].as_str() {
                Some(next) => {
                    assert!(!records.is_empty(), "an empty page with a cursor");
                    cursor = next.to_owned();
                }
                None => return all,
            }
        }
        panic!("more than {PAGES_MAX} pages");
    }
}

/// Shared by all tests, for it is slow to make; connections are not, for each test has a runtime of its own.
fn http() -> reqwest::Client {
    static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
        let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        builder.pool_max_idle_per_host(0).build().unwrap()
    });
    HTTP.clone()
}

/// The path of a list of people.
pub fn users_path(account: &str, query: &str) -> String {
    format!("{USERS}?{}", join(&format!("integrated_account_id={account}"), query))
}

fn join(first: &str, second: &str) -> String {
    match (first, second) {
        ("", one) | (one, "") => one.to_owned(),
        (first, second) => format!("{first}&{second}"),
    }
}

impl Answer {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let mut response = request.send().await.unwrap_or_else(|error| panic!("no answer: {error:?}"));
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let body = response.bytes().await.unwrap_or_else(|error| panic!("{status}, then no body: {error:?}"));
        Self { status, headers, body }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as JSON, which it must say that it is.
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{}", self.text());
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body of a success.
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text());
        self.json()
    }

    /// The body of an error: of this status and of the one shape that errors have.
    pub fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        assert_eq!(body["statusCode"], status, "{body}");
        let reason = http::StatusCode::from_u16(status).unwrap().canonical_reason();
        assert_eq!(body["error"].as_str(), reason, "{body}");
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        let known = [
            "statusCode",
            "error",
            "message",
            "details",
            "truto_is_remote_error",
            "raw_response",
            "truto_error_insight",
        ];
        assert!(body.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{body}");
        body
    }

    /// The message of an error, which must hold these words.
    pub fn says(&self, status: u16, words: &[&str]) -> Value {
        let body = self.error(status);
        let message = body["message"].as_str().unwrap();
        for word in words {
            assert!(message.contains(word), "no `{word}` in: {message}");
        }
        body
    }
}
