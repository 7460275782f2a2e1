//! A product with a sign-in of its own, written to RFC 6749, 6750, 7636 and 9700 and not to what this server does: codes and refresh tokens
//! are good once, a refresh token that comes again ends the whole authorization, and a proof key is demanded.

mod grants;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::response::Response;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::world::{Answer, Client, Provider, Seen, TestClock, answer, json_answer, page, person};
use grants::Grants;

pub const CLIENT_ID: &str = "rollcall client/1";
/// With characters that form encoding changes (RFC 6749 section 2.3.1).
pub const CLIENT_SECRET: &str = "s3cret canary+%/:";

pub struct Authority {
    pub url: String,
    provider: Provider,
    rules: Arc<Mutex<Rules>>,
}

/// What the product does, and has done.
pub struct Rules {
    pub secret: String,
    /// Of an access token.
    pub lifetime: Duration,
    /// Answers everything at the token endpoint with `invalid_grant`.
    pub refuses: bool,
    /// Lets people in and shows them nothing.
    pub forbids: bool,
    /// How long the token endpoint takes.
    pub delay: Duration,
    pub grants: Grants,
}

impl Authority {
    pub async fn start(clock: &TestClock) -> Self {
        let rules = Arc::new(Mutex::new(Rules {
            secret: CLIENT_SECRET.to_owned(),
            lifetime: Duration::from_secs(3600),
            refuses: false,
            forbids: false,
            delay: Duration::ZERO,
            grants: Grants::new(clock.clone()),
        }));
        let shared = Arc::clone(&rules);
        let provider = Provider::start(move |request| answering(Arc::clone(&shared), request)).await;
        Self { url: provider.url.clone(), provider, rules }
    }

    pub fn rules<T>(&self, change: impl FnOnce(&mut Rules) -> T) -> T {
        change(&mut self.rules.lock().unwrap())
    }

    /// Exchanges of codes, refreshes, and refresh tokens that came twice.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.rules(|rules| (rules.grants.exchanges, rules.grants.refreshes, rules.grants.replays))
    }

    pub fn asked(&self, path: &str) -> usize {
        self.provider.asked(path)
    }

    /// What somebody's browser does at `authorize_url`: they allow it, and are sent back to this path of the server.
    pub async fn allow(&self, authorize_url: &str) -> String {
        let answer = Answer::of(Client::new("", "").anonymous(Method::GET, authorize_url)).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        let back = Url::parse(answer.header("location").unwrap()).unwrap();
        assert_eq!(back.path(), "/connect/callback");
        format!("{}?{}", back.path(), back.query().unwrap())
    }
}

async fn answering(rules: Arc<Mutex<Rules>>, request: Seen) -> Response {
    match (&request.method, request.path.as_str()) {
        (&Method::GET, "/authorize") => authorize(&mut rules.lock().unwrap(), &request),
        (&Method::POST, "/token") => {
            let delay = rules.lock().unwrap().delay;
            tokio::time::sleep(delay).await;
            let (status, body) = token(&mut rules.lock().unwrap(), &request);
            json_answer(status, &body)
        }
        _ => people(&rules.lock().unwrap(), &request),
    }
}

fn authorize(rules: &mut Rules, request: &Seen) -> Response {
    let value = |name: &str| request.value(name).unwrap_or_default().to_owned();
    let times = |name: &str| request.query.iter().filter(|(known, _)| known == name).count();
    for name in ["response_type", "client_id", "redirect_uri", "state", "scope", "code_challenge"] {
        // Section 3.1: parameters must not be included more than once.
        assert_eq!(times(name), 1, "{name}");
    }
    assert_eq!((value("response_type"), value("client_id")), ("code".to_owned(), CLIENT_ID.to_owned()));
    assert_eq!((value("scope"), value("code_challenge_method")), ("people.read offline".to_owned(), "S256".to_owned()));
    assert_eq!(value("code_challenge").len(), 43);
    // RFC 6749 section 10.10: 128 bits at least, 160 better.
    assert!(value("state").len() >= 27, "{}", value("state"));
    let code = rules.grants.code(&value("redirect_uri"), &value("code_challenge"));
    let mut back = Url::parse(&value("redirect_uri")).unwrap();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &value("state"));
    answer(302, &[("location", back.as_str())], "")
}

fn token(rules: &mut Rules, request: &Seen) -> (u16, Value) {
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    if request.header("authorization") != Some(&grants::basic(CLIENT_ID, &rules.secret)) {
        return (401, json!({"error": "invalid_client", "error_description": "the client is not known"}));
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let value = |name: &str| form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let granted = match value("grant_type") {
        _ if rules.refuses => None,
        "authorization_code" => {
            rules.grants.exchange(value("code"), value("redirect_uri"), value("code_verifier"), rules.lifetime)
        }
        "refresh_token" => rules.grants.refresh(value("refresh_token"), rules.lifetime),
        _ => return (400, json!({"error": "unsupported_grant_type"})),
    };
    match granted {
        Some((access, refresh)) => (
            200,
            json!({
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": rules.lifetime.as_secs(),
                "refresh_token": refresh,
            }),
        ),
        None => {
            (400, json!({"error": "invalid_grant", "error_description": "the grant was revoked by the administrator"}))
        }
    }
}

fn people(rules: &Rules, request: &Seen) -> Response {
    let header = request.header("authorization").unwrap_or_default();
    let known = header.strip_prefix("Bearer ").is_some_and(|token| rules.grants.accepts(token));
    if !known && header != "Token right-t0ken" {
        return json_answer(401, &json!({"message": "the token is not valid"}));
    }
    if rules.forbids {
        return json_answer(403, &json!({"message": "only administrators see people"}));
    }
    page(&(0..3).map(person).collect::<Vec<_>>(), request)
}
