//! What providers say when something is wrong, as it is passed on.

use axum::response::Response;
use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Provider, USERS, World, answer, directory, json_answer, person};

/// What a caller is told when a provider answers so.
async fn told(make: impl Fn() -> Response + Send + Sync + 'static) -> (Answer, usize) {
    let provider = Provider::start(move |_| std::future::ready(make())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    (world.client.users(&account, "").await, provider.seen().len())
}

fn assert_remote(error: &Value) {
    assert_eq!(error["truto_is_remote_error"], true, "{error}");
    assert!(error.get("raw_response").is_some(), "{error}");
    let insight = error["truto_error_insight"].as_object().unwrap();
    assert!(insight.contains_key("remote_error"));
    for (name, entry) in insight {
        let known = ["missing_required_query_parameters", "rate_limit_error", "forbidden_error", "remote_error"];
        assert!(known.contains(&name.as_str()), "{name}");
        assert!(entry["description"].as_str().is_some_and(|text| !text.is_empty()), "{entry}");
        assert!(entry.as_object().unwrap().keys().all(|key| key == "description" || key == "value"));
    }
}

#[tokio::test]
async fn a_providers_error_keeps_its_status() {
    for status in [400, 402, 403, 404, 405, 406, 409, 410, 418, 422, 451, 500, 501, 502, 503, 520] {
        let body = json!({"code": "E1", "message": "the provider's words"});
        let sent = body.clone();
        let (answer, asked) = told(move || json_answer(status, &sent)).await;
        assert_eq!(answer.status, status);
        if status == 520 {
            assert_eq!(answer.json()["statusCode"], 520);
            continue;
        }
        let error = answer.says(status, &["acme", "the provider's words"]);
        assert_remote(&error);
        assert_eq!(error["raw_response"], body);
        assert_eq!(error["truto_error_insight"]["remote_error"]["description"], "the provider's words");
        let value = &error["truto_error_insight"]["remote_error"]["value"];
        assert_eq!((&value["code"], &value["status"]), (&json!("E1"), &json!(status)));
        // What may pass by itself is tried again; what would not is not.
        assert_eq!(asked > 1, status >= 500, "{status}");
    }
}

#[tokio::test]
async fn an_error_inside_a_success_is_an_error() {
    for (code, status) in [
        ("bad_token", 401),
        ("not_allowed", 403),
        ("no_such", 404),
        ("wrong", 400),
        ("slow_down", 429),
        ("never_heard_of", 502),
    ] {
        let (answer, _) =
            told(move || json_answer(200, &json!({"ok": false, "code": code, "message": "in a 200"}))).await;
        let error = answer.says(status, &["in a 200"]);
        assert_remote(&error);
        assert_eq!(error["raw_response"]["code"], code);
    }
}

#[tokio::test]
async fn what_is_no_list_is_502() {
    let bodies = [
        ("text/html", "<!DOCTYPE html><html><title>Sign in</title></html>"),
        ("application/json", "<html></html>"),
        ("application/json", ""),
        ("application/json", "{\"ok\":true,\"users\":[{\"id\":1},{\"id\":2"),
        ("application/json", "{\"ok\":true,\"users\":[{\"id\":1}]"),
        ("application/json", "{\"ok\":true,\"users\":[{\"id\":1}]}}"),
        ("application/json", "{\"ok\":true,\"users\":[{\"id\":01}]}"),
        ("text/plain", "Service is fine"),
        ("application/json", "null"),
    ];
    for (kind, body) in bodies {
        let (answer, _) = told(move || answer(200, &[("content-type", kind)], body)).await;
        let error = answer.error(502);
        assert_eq!(error["truto_is_remote_error"], true, "{body}: {error}");
        let html = body.contains("html");
        assert_eq!(error["message"].as_str().unwrap().contains("HTML"), html, "{error}");
    }
}

#[tokio::test]
async fn an_error_page_for_people_is_an_error_as_json() {
    let page = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>";
    let (answer, _) = told(move || answer(503, &[("content-type", "text/html")], page)).await;
    let error = answer.error(503);
    assert_remote(&error);
    assert_eq!(error["raw_response"], page);
    assert!(!error["message"].as_str().unwrap().contains("<html>"));
}

#[tokio::test]
async fn a_missing_permission_names_the_scopes() {
    let (answer, asked) = told(|| json_answer(403, &json!({"message": "forbidden"}))).await;
    let error = answer.says(403, &["acme", "forbidden"]);
    assert_remote(&error);
    let insight = &error["truto_error_insight"]["forbidden_error"];
    assert_eq!(insight["value"]["missing_scopes"], json!(["users:read", "groups:read"]));
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn nobody_there_is_502() {
    let world = World::new().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let account = crate::world::connect(&world.client, &crate::world::acme(&format!("http://{free}"))).await;
    let error = world.client.users(&account, "").await.error(502);
    assert_eq!(error["truto_is_remote_error"], true);
    // A connection that ends in the middle of the body.
    let cut = cut_off().await;
    let account = crate::world::connect(&world.client, &crate::world::acme(&cut)).await;
    world.client.users(&account, "").await.error(502);
}

/// A provider that promises more than it sends.
async fn cut_off() -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let begun = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"users\":[{\"id\":1}";
            let _ = stream.write_all(begun.as_bytes()).await;
        }
    });
    url
}

/// A fault on a later page is the error of the call: what came before is not the list.
#[tokio::test]
async fn a_part_of_a_list_is_never_given_as_the_whole() {
    let people: Vec<Value> = (0..30).map(person).collect();
    let provider = Provider::start(move |seen| {
        let failed = seen.value("cursor") == Some("c14");
        let wrong = json_answer(400, &json!({"message": "broken"}));
        std::future::ready(if failed { wrong } else { crate::world::page(&people, &seen) })
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for query in [
        "",
        "sort_by=created_at",
        "truto_key_by=id",
        "truto_response_format=normalized",
        "truto_response_format=debug",
        "username=nobody",
    ] {
        world.client.users(&account, query).await.says(400, &["broken"]);
    }
    // Pages before it are pages.
    assert_eq!(world.client.users(&account, "limit=14").await.ok()["result_count"], 14);
}

#[tokio::test]
async fn every_kind_of_call_tells_a_fault_alike() {
    let provider = Provider::start(async |_| json_answer(403, &json!({"message": "not yours"}))).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let of_account = format!("integrated_account_id={account}");
    for path in [
        format!("{USERS}?{of_account}"),
        format!("{USERS}/1?{of_account}"),
        format!("{USERS}?{of_account}&truto_response_format=raw"),
        format!("{USERS}?{of_account}&truto_response_format=stream"),
        format!("{USERS}?{of_account}&truto_response_format=debug"),
        format!("{USERS}?{of_account}&truto_ignore_limit=true"),
        format!("/proxy/users?{of_account}"),
        format!("/proxy/else?{of_account}"),
    ] {
        assert_remote(&world.client.get(&path).await.says(403, &["not yours"]));
    }
    let (path, body) = (format!("/integrated-account/{account}"), json!({"credential": {"token": "x"}}));
    let change = world.client.send(Method::PATCH, &path, &body).await;
    assert_remote(&change.says(403, &["not saved", "not yours"]));
}

#[tokio::test]
async fn the_providers_rate_limit_is_told_with_every_answer() {
    let limits = [
        ("content-type", "application/json"),
        ("x-rate-limit", "600"),
        ("x-rate-remaining", "42"),
        ("x-rate-reset", "17"),
    ];
    let good = Provider::start(move |seen: crate::world::Seen| {
        let body = if seen.path.ends_with("/1") { json!({"user": person(1)}) } else { json!({"users": [person(1)]}) };
        std::future::ready(answer(200, &limits, body.to_string()))
    })
    .await;
    let bad = Provider::start(move |_| std::future::ready(answer(403, &limits, "{\"message\":\"no\"}"))).await;
    let silent = Provider::start(directory(vec![person(1)])).await;
    let world = World::new().await;
    for (provider, told) in [(&good, true), (&bad, true), (&silent, false)] {
        let account = world.acme(provider).await;
        let of_account = format!("integrated_account_id={account}");
        for path in [
            format!("{USERS}?{of_account}"),
            format!("{USERS}/1?{of_account}"),
            format!("{USERS}?{of_account}&truto_response_format=stream"),
            format!("{USERS}?{of_account}&truto_response_format=raw"),
            format!("{USERS}?{of_account}&truto_ignore_limit=true"),
            format!("/proxy/users?{of_account}"),
        ] {
            let answer = world.client.get(&path).await;
            let headers = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map(|name| answer.header(name));
            let expected = if told { [Some("600"), Some("42"), Some("17")] } else { [None; 3] };
            assert_eq!(headers, expected, "{path}");
        }
    }
}
