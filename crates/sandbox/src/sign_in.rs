//! The calls of signing in: token endpoints, logins, exchanges of assertions.

use bytes::Bytes;
use rollcall_connector::definition::{Definition, Login, TokenSource};
use rollcall_connector::request::{RequestParts, RequestTemplate};
use serde_json::{Value, json};

use crate::credential::Secrets;
use crate::endpoint::Shape;
use crate::incoming::Incoming;
use crate::pattern::Captures;
use crate::place;
use crate::reply::Reply;

/// The token and the cookie that are given out.
pub const TOKEN: &str = "sandbox";

/// A call of signing in.
#[derive(Debug)]
pub struct SignIn {
    pub shape: Shape,
    token: Option<TokenSource>,
    instance_url: Option<String>,
    cookies: bool,
    /// What a case has as the answer.
    known: Option<(Bytes, Vec<(String, String)>)>,
}

/// Every call of signing in that the credentials of a connector need.
pub fn calls(definition: &Definition, bases: &[String]) -> Vec<SignIn> {
    let mut calls = Vec::new();
    let plain = |url: &str, token: Option<&String>, instance_url: Option<&String>| SignIn {
        shape: Shape::post(url),
        token: Some(TokenSource::Path(token.cloned().unwrap_or_else(|| ".access_token".to_owned()))),
        instance_url: instance_url.cloned(),
        cookies: false,
        known: None,
    };
    for (_, auth) in definition.auth.iter() {
        if let Some(oauth2) = &auth.oauth2 {
            for url in [Some(&oauth2.token), oauth2.refresh_token.as_ref()].into_iter().flatten() {
                calls.push(plain(url, oauth2.token_path.as_ref(), oauth2.instance_url.as_ref()));
            }
        }
        if let Some(exchange) = auth.jwt.as_ref().and_then(|jwt| jwt.exchange.as_ref()) {
            calls.push(plain(&exchange.token, exchange.token_path.as_ref(), exchange.instance_url.as_ref()));
        }
        if let Some(session) = &auth.session {
            let base = auth.base.as_ref().map_or_else(|| bases.to_vec(), |base| vec![base.clone()]);
            let mut call = |login: &Login, token: Option<&TokenSource>| {
                let parts = RequestParts {
                    get: login.get.as_deref(),
                    post: login.post.as_deref(),
                    query: &login.query,
                    headers: &login.headers,
                    body: login.body.as_ref(),
                    auth: &[],
                };
                if let Ok(template) = RequestTemplate::compile(&parts, &Default::default()) {
                    calls.push(SignIn {
                        shape: Shape::new(&template, &base),
                        token: token.cloned(),
                        instance_url: None,
                        cookies: session.cookies,
                        known: None,
                    });
                }
            };
            call(&session.login, session.token.as_ref());
            if let Some(then) = &session.then {
                call(then, session.then_token.as_ref());
            }
        }
    }
    calls
}

impl SignIn {
    /// Takes a case's answer as the answer.
    pub fn learn(&mut self, body: Bytes, headers: &[(String, String)]) {
        self.known.get_or_insert_with(|| (body, headers.to_vec()));
    }

    /// The token that its answer gives.
    pub fn token(&self) -> Option<String> {
        let (body, headers) = self.known.as_ref()?;
        match self.token.as_ref()? {
            TokenSource::Header(at) => {
                headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&at.header)).map(|(_, value)| value.clone())
            }
            TokenSource::Path(path) => match serde_json::from_slice::<Value>(body) {
                Ok(document) => place::at(&document, path).map(rollcall_connector::request::text),
                Err(_) => Some(String::from_utf8_lossy(body).trim().to_owned()),
            },
        }
    }

    /// The answer; a secret that is none is refused.
    pub fn answer(&self, request: &Incoming, captures: &Captures, secrets: &Secrets) -> Reply {
        let members = request.form.iter().cloned().chain(
            request
                .json
                .iter()
                .filter_map(Value::as_object)
                .flatten()
                .map(|(name, value)| (name.clone(), rollcall_connector::request::text(value))),
        );
        let mut wrong = captures.iter().any(|(name, value)| !secrets.accepts(name, value));
        for (name, value) in members {
            wrong |= matches!(name.as_str(), "client_secret" | "refresh_token") && !secrets.accepts(&name, &value);
            wrong |= name == "assertion" && value.split('.').count() != 3;
        }
        if wrong {
            return Reply::json(
                401,
                &json!({"error": "invalid_client", "error_description": "the sandbox accepts the secret `sandbox`"}),
            );
        }
        let mut reply = match &self.known {
            Some((body, headers)) => {
                let content_type = if body.first() == Some(&b'{') { "application/json" } else { "text/plain" };
                let mut reply = Reply::of(200, content_type, body.clone());
                for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-type")) {
                    reply = reply.with(name, value);
                }
                reply
            }
            None => {
                let mut body = json!({"token_type": "Bearer", "expires_in": 3600});
                if let Some(TokenSource::Path(path)) = &self.token {
                    place::put(&mut body, path, Value::from(TOKEN));
                }
                if let Some(path) = &self.instance_url {
                    place::put(&mut body, path, Value::from(request.url.origin().ascii_serialization()));
                }
                let reply = Reply::json(200, &body);
                match &self.token {
                    Some(TokenSource::Header(at)) => reply.with(&at.header, TOKEN),
                    _ => reply,
                }
            }
        };
        if self.cookies
            && self
                .known
                .as_ref()
                .is_none_or(|(_, headers)| !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("set-cookie")))
        {
            reply = reply.with("set-cookie", "sandbox=sandbox; Path=/; HttpOnly");
        }
        reply
    }
}
