//! Who may call what, as the document says it.

use std::collections::BTreeMap;

use http::Method;
use rollcall_server::SCOPES;
use rollcall_store::TokenKind;
use serde_json::{Value, json};

use super::described::{document, operations, resolved};
use crate::world::{Answer, Client, Provider, World, directory};

/// Calls an operation with something in each place of its path.
async fn call(client: &Client, path: &str, method: &str, with_token: bool) -> Answer {
    let path = path.replace("{model}", "user-directory").replace("{resource}", "users").replace("{method}", "list");
    let path: String =
        path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
    let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let request = if with_token { client.request(verb, &path) } else { client.anonymous(verb, &path) };
    Answer::of(request).await
}

/// Scheme → scopes.
fn security(operation: &Value) -> BTreeMap<String, Vec<String>> {
    let entries = operation["security"].as_array().unwrap().iter().flat_map(|entry| entry.as_object().unwrap());
    entries.map(|(scheme, scopes)| (scheme.clone(), serde_json::from_value(scopes.clone()).unwrap())).collect()
}

#[tokio::test]
async fn a_token_is_asked_for_where_the_document_says_so() {
    let world = World::new().await;
    for (path, method, operation) in operations() {
        let answer = call(&world.client, path, method, false).await;
        let open = security(operation).is_empty();
        assert_eq!(answer.status == 401, !open, "{method} {path}: {} {}", answer.status, answer.text());
    }
}

#[tokio::test]
async fn each_operation_asks_for_the_scope_of_the_document() {
    let world = World::with(|config| config.requests_burst = 10_000).await;
    let mut with = BTreeMap::new();
    let mut without = BTreeMap::new();
    for (scope, _) in SCOPES {
        with.insert(scope, world.token(|new| new.scopes = vec![scope.to_owned()]).await);
        let others = SCOPES.iter().map(|(other, _)| (*other).to_owned()).filter(|other| other != scope).collect();
        without.insert(scope, world.token(|new| new.scopes = others).await);
    }
    for (path, method, operation) in operations() {
        let security = security(operation);
        let Some(scopes) = security.get("environmentToken") else { continue };
        for scope in scopes {
            let refused = call(&without[scope.as_str()], path, method, true).await;
            assert!(refused.status == 403 && refused.text().contains(scope), "{method} {path}: {}", refused.text());
            let taken = call(&with[scope.as_str()], path, method, true).await;
            assert_ne!(taken.status, 403, "{method} {path}: {}", taken.text());
        }
        if scopes.is_empty() {
            let any = call(&with["audit:read"], path, method, true).await;
            assert_ne!(any.status, 403, "{method} {path}: {}", any.text());
        }
    }
}

#[tokio::test]
async fn an_account_token_calls_what_the_document_says() {
    let world = World::with(|config| config.requests_burst = 10_000).await;
    let provider = Provider::start(directory(Vec::new())).await;
    let account = world.acme(&provider).await;
    let token = world.token(|new| (new.kind, new.account_id) = (TokenKind::Account, Some(account.clone()))).await;
    for (path, method, operation) in operations() {
        let security = security(operation);
        // Whether it may is asked before the account is touched, and the account must outlive the test.
        if security.is_empty() || security.contains_key("linkToken") {
            continue;
        }
        let answer = call(&token, path, method, true).await;
        assert_eq!(answer.status != 403, security.contains_key("accountToken"), "{method} {path}: {}", answer.text());
    }
}

#[tokio::test]
async fn bodies_have_the_members_of_the_document() {
    let world = World::new().await;
    let mut looked_at = 0;
    for (path, method, operation) in operations() {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let schema = resolved(document(), body);
        let Some(properties) = schema["properties"].as_object() else { continue };
        if !security(operation).contains_key("environmentToken") {
            continue;
        }
        looked_at += 1;
        let path = path.replace("{id}", "x").replace("{slug}", "okta");
        let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let refused = world.client.send(verb, &path, &json!({"no_such_member": 1})).await.error(400);
        // It names those that there are.
        let message = refused["message"].as_str().unwrap();
        let (_, expected) = message.split_once("expected ").unwrap_or_else(|| panic!("{method} {path}: {message}"));
        let mut there: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let mut described: Vec<&str> = properties.keys().map(String::as_str).collect();
        there.sort_unstable();
        described.sort_unstable();
        assert_eq!(there, described, "{method} {path}");
    }
    assert!(looked_at >= 4, "only {looked_at} bodies");
}
