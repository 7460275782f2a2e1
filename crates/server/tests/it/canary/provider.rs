//! A provider that repeats everything it is told, in every place an answer has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::Response;
use serde_json::{Value, json};

use super::kinds::Kind;
use crate::world::{Provider, Seen, answer, json_answer, person};

/// Where it repeats what it was told, and what it does beside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// In the body of an error of this status.
    Body(u16),
    /// The same, as a text, as a page for people, and in a success that says it is none.
    Text,
    Html,
    InSuccess,
    /// In headers of an error.
    Headers(u16),
    /// In the content type of a success.
    ContentType,
    /// In a body that is cut off in its middle, and in one that is no list.
    Truncated,
    NoList,
    /// In where it leads: a redirect, the next page in the body, its cursor.
    Redirect,
    RedirectElsewhere,
    NextPage,
    /// In the error of the sign-in.
    SignIn,
    /// Nothing goes wrong.
    None,
}

pub const FAULTS: [Fault; 20] = [
    Fault::Body(400),
    Fault::Body(401),
    Fault::Body(403),
    Fault::Body(404),
    Fault::Body(429),
    Fault::Body(500),
    Fault::Body(503),
    Fault::Text,
    Fault::Html,
    Fault::InSuccess,
    Fault::Headers(401),
    Fault::Headers(429),
    Fault::ContentType,
    Fault::Truncated,
    Fault::NoList,
    Fault::Redirect,
    Fault::RedirectElsewhere,
    Fault::NextPage,
    Fault::SignIn,
    Fault::None,
];

pub struct Echo {
    kind: Kind,
    fault: Fault,
    told: AtomicBool,
}

impl Echo {
    pub fn new(kind: Kind, fault: Fault) -> Self {
        Self { kind, fault, told: AtomicBool::new(false) }
    }

    pub async fn start(echo: &Arc<Self>) -> Provider {
        let echo = Arc::clone(echo);
        Provider::start(move |seen| std::future::ready(echo.answer(&seen))).await
    }

    /// Whether a secret came.
    pub fn was_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    fn answer(&self, seen: &Seen) -> Response {
        let words = said(seen);
        if self.kind.secrets().any(|(_, secret)| words.contains(&secret)) {
            self.told.store(true, Ordering::Relaxed);
        }
        if seen.path.ends_with("/login") || seen.path.ends_with("/token") {
            return self.sign_in(&words);
        }
        self.called(seen, &words)
    }

    fn sign_in(&self, words: &str) -> Response {
        if self.fault == Fault::SignIn {
            let body = json!({"error": "invalid_client", "error_description": words, "echo": words});
            return json_answer(401, &body);
        }
        let (access, refresh) = self.kind.given.unwrap_or_default();
        json_answer(
            200,
            &json!({"token": access, "access_token": access, "refresh_token": refresh, "expires_in": 3600}),
        )
    }

    fn called(&self, seen: &Seen, words: &str) -> Response {
        // Headers hold no line breaks.
        let word = words.replace(['\n', '\r'], " ");
        let kind = ("content-type", "application/json");
        match self.fault {
            Fault::Body(status) => {
                json_answer(status, &json!({"message": words, "code": words, "deep": {"echo": [words]}}))
            }
            Fault::Text => answer(400, &[("content-type", "text/plain")], words.to_owned()),
            Fault::Html => {
                answer(500, &[("content-type", "text/html")], format!("<html><title>{words}</title></html>"))
            }
            Fault::InSuccess => json_answer(200, &json!({"ok": false, "code": words, "message": words})),
            Fault::Headers(status) => {
                let headers = [
                    kind,
                    ("www-authenticate", &word),
                    ("retry-after", &word),
                    ("x-request-id", &word),
                    ("x-rate-limit", &word),
                    ("x-rate-remaining", &word),
                    ("x-rate-reset", &word),
                    ("set-cookie", &word),
                    ("link", &word),
                ];
                answer(status, &headers, "{}")
            }
            Fault::ContentType => {
                let kind = format!("application/json; echo=\"{}\"", word.replace('"', "'"));
                answer(200, &[("content-type", &kind)], people(Value::Null).to_string())
            }
            Fault::Truncated => {
                answer(200, &[kind], format!("{{\"users\":[{{\"id\":1}},{{\"echo\":{}", Value::from(words)))
            }
            Fault::NoList => json_answer(200, &json!({"echo": words})),
            Fault::Redirect => {
                let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
                answer(302, &[("location", &format!("{}?again={query}", seen.path))], "")
            }
            Fault::RedirectElsewhere => {
                let label: String = words.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
                let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
                answer(302, &[("location", &format!("https://{label}.evil.example/?{query}"))], "")
            }
            Fault::NextPage if seen.value("cursor").is_none() => json_answer(200, &people(Value::from(words))),
            Fault::NextPage => json_answer(400, &json!({"message": words})),
            Fault::SignIn | Fault::None => json_answer(200, &people(Value::Null)),
        }
    }
}

fn people(next: Value) -> Value {
    json!({"users": [person(1), person(2), person(3)], "user": person(1), "next": next})
}

/// Everything that a request holds.
pub fn said(seen: &Seen) -> String {
    let mut words = format!("{} {}", seen.method, seen.path);
    for (name, value) in &seen.query {
        words.push_str(&format!(" {name}={value}"));
    }
    for (name, value) in &seen.headers {
        words.push_str(&format!(" {name}: {}", String::from_utf8_lossy(value.as_bytes())));
    }
    words.push_str(&format!(" {}", String::from_utf8_lossy(&seen.body)));
    // A body of a form.
    for (name, value) in url::form_urlencoded::parse(&seen.body) {
        words.push_str(&format!(" {name}={value}"));
    }
    words
}
