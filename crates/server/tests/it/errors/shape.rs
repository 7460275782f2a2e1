//! Our own errors.

use http::Method;
use serde_json::json;

use crate::world::{Answer, Provider, USERS, World, directory, person, users_path};

/// Every kind of refusal of ours is of the one shape, and none is the provider's.
#[tokio::test]
async fn refusals_of_ours_are_of_one_shape() {
    let provider = Provider::start(directory((0..5).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let calls = [
        (Method::GET, users_path(&account, "nothing=1"), 400),
        (Method::GET, users_path(&account, "limit=0"), 400),
        (Method::GET, users_path(&account, "next_cursor=x"), 400),
        (Method::GET, users_path("x", ""), 404),
        (Method::GET, USERS.to_owned(), 400),
        (Method::GET, "/nothing".to_owned(), 404),
        (Method::GET, "/integration/nothing".to_owned(), 404),
        (Method::GET, "/unified/user-directory/%ff".to_owned(), 400),
        (Method::POST, users_path(&account, ""), 405),
        (Method::POST, "/ping".to_owned(), 405),
        (Method::POST, "/integrated-account".to_owned(), 400),
        (Method::POST, "/token".to_owned(), 400),
        (Method::DELETE, "/token/x".to_owned(), 404),
        (Method::PATCH, "/integrated-account/x".to_owned(), 400),
        (Method::GET, users_path(&account, "truto_key_by=status"), 409),
        (Method::GET, users_path(&account, "truto_key_by=title"), 422),
        (Method::GET, users_path(&account, &"username=x&".repeat(2000)), 414),
    ];
    for (method, path, status) in calls {
        let body = if method == Method::GET { "" } else { "{" };
        let answer = Answer::of(world.client.request(method.clone(), &path).body(body)).await;
        let error = answer.error(status);
        assert!(error.get("truto_is_remote_error").is_none(), "{method} {path}: {error}");
        assert!(error.get("raw_response").is_none());
        // A sentence for people, and no trace of how we are made.
        let message = error["message"].as_str().unwrap();
        for inside in ["panicked", "src/", ".rs:", "stack", "Error(", "sqlx", "serde"] {
            assert!(!message.contains(inside), "{message}");
        }
        assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()));
    }
}

/// What is missing is told to people, to programs, and where programs look for what is known of an error.
#[tokio::test]
async fn missing_parameters_are_in_details_and_insight() {
    let provider = Provider::start(directory(Vec::new())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let path = format!("/unified/user-directory/groups?integrated_account_id={account}");
    let error = world.client.get(&path).await.says(400, &["`organization_id`"]);
    let names = json!(["organization_id"]);
    assert_eq!(error["details"]["missing_required_query_parameters"], names);
    let insight = &error["truto_error_insight"]["missing_required_query_parameters"];
    assert_eq!(insight["value"], names);
    assert!(insight["description"].is_string());
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_without_its_values() {
    let world = World::new().await;
    for (path, body) in [
        ("/integrated-account", "{\"integration\": \"acme\", \"credential\": \"hunter2-canary\"}"),
        ("/integrated-account", "{\"integration\": \"acme\", \"credential\": [\"hunter2-canary\"]}"),
        ("/integrated-account", "{\"integration\": \"acme\", \"credential\": {\"token\": [\"hunter2-canary\"]}}"),
        ("/integrated-account", "{\"integration\": [\"hunter2-canary\"]}"),
        ("/integrated-account", "{\"integration\": \"acme\", \"validate\": \"hunter2-canary\"}"),
        ("/integrated-account", "\"hunter2-canary\""),
        ("/integrated-account", "hunter2-canary"),
        ("/token", "{\"expires_in\": \"hunter2-canary\"}"),
        ("/token", "{\"kind\": \"hunter2-canary\"}"),
        ("/link-token", "{\"integrations\": \"hunter2-canary\"}"),
    ] {
        let answer = Answer::of(world.client.request(Method::POST, path).body(body)).await;
        answer.error(400);
        assert!(!answer.text().contains("hunter2"), "{body}: {}", answer.text());
    }
}

#[tokio::test]
async fn every_answer_has_its_name_and_its_headers() {
    let world = World::new().await;
    for path in ["/ping", "/nothing", "/integrated-account", "/metrics"] {
        let answer = world.client.get(path).await;
        assert!(answer.header("x-request-id").is_some_and(|id| id.len() >= 16), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let named = world.client.request(Method::GET, "/ping").header("x-request-id", "review-2026.06_a");
    assert_eq!(Answer::of(named).await.header("x-request-id"), Some("review-2026.06_a"));
    for odd in ["a b", "a\"b", "<script>", &"x".repeat(65), "ü"] {
        let named = world.client.request(Method::GET, "/ping").header("x-request-id", odd.as_bytes());
        let answer = Answer::of(named).await;
        assert!(answer.header("x-request-id").is_some_and(|id| id != odd && id.len() <= 64), "{odd}");
    }
}
