//! `debug`: the unified answer, and how it came about.

use serde_json::{Value, json};

use crate::world::{Provider, USERS, World, connect, directory, person};

#[tokio::test]
async fn a_debug_answer_shows_requests_paging_and_timings() {
    let provider = Provider::start(directory((0..12).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let page = world.client.users(&account, "truto_response_format=debug&status=active").await.ok();
    let unified = world.client.users(&account, "status=active").await.ok();
    assert_eq!(page["result"], unified["result"]);
    let debug = &page["debug"];
    let exchanges = debug["exchanges"].as_array().unwrap();
    assert_eq!(exchanges.len(), 2);
    let first = exchanges[0].as_object().unwrap();
    assert_eq!((&first["method"], &first["status"]), (&json!("GET"), &json!(200)));
    let (place, query) = first["url"].as_str().unwrap().split_once('?').unwrap();
    assert_eq!(place, format!("{}/v1/users", provider.url));
    assert!(query.contains("limit=7") && query.contains("state=ON"), "{query}");
    assert_eq!(first["request_headers"]["authorization"], "[redacted]");
    assert!(first["request_headers"]["accept"].as_str().unwrap().starts_with("application/json"));
    assert_eq!(first["response_headers"]["content-type"], "application/json");
    assert!(first["duration_ms"].is_u64() && first["bytes"].as_u64().unwrap() > 100);
    assert!(exchanges[1]["url"].as_str().unwrap().contains("cursor=c7"));
    let pass = &debug["completeness"]["passes"][0];
    assert_eq!((&pass["pages"], &pass["received"]), (&json!(2), &json!(12)));
    assert_eq!(pass["stop"], "no cursor");
    assert_eq!(debug["completeness"]["filters"]["status"], "provider");
    assert_eq!(debug["plan"]["fields"]["username"]["paths"], json!([".login"]));
    let one =
        world.client.get(&format!("{USERS}/3?integrated_account_id={account}&truto_response_format=debug")).await.ok();
    assert_eq!(one["id"], "3");
    assert!(one["debug"]["exchanges"][0]["url"].as_str().unwrap().ends_with("/v1/users/3"));
}

/// Headers of the sign-in are shown by their names alone, and secrets in URLs not as themselves.
#[tokio::test]
async fn a_debug_answer_has_no_secrets() {
    let provider = Provider::start(directory((0..9).map(person).collect())).await;
    let world = World::new().await;
    for (auth, credential, secrets) in [
        ("api_token", json!({"token": "secret-7f3a+/="}), vec!["secret-7f3a"]),
        ("query_key", json!({"key": "secret-7f3a+/= &x"}), vec!["secret-7f3a"]),
        ("password", json!({"login": "ada", "password": "secret-7f3a"}), vec!["secret-7f3a", "YWRhOnNlY3JldC03ZjNh"]),
    ] {
        let new = json!({
            "integration": "acme", "auth": auth, "credential": credential, "base_url": provider.url, "validate": false,
        });
        let account = connect(&world.client, &new).await;
        provider.forget();
        for path in [format!("{USERS}?"), format!("{USERS}/3?")] {
            let path = format!("{path}integrated_account_id={account}&truto_response_format=debug");
            let answer = world.client.get(&path).await;
            let shown: Value = answer.ok()["debug"].clone();
            assert!(shown["exchanges"][0]["url"].is_string());
            for secret in &secrets {
                assert!(!answer.text().contains(secret), "{auth}: {}", answer.text());
            }
        }
        // It did travel.
        let sent = format!("{:?}", provider.seen()[0]);
        assert!(secrets.iter().any(|secret| sent.contains(secret)), "{sent}");
    }
}
