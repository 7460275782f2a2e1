//! `/proxy`: the provider's own resources, with our sign-in, paging and errors.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Provider, World, answer, directory, json_answer, page, person};

async fn people(count: usize) -> (Provider, World, String) {
    let provider = Provider::start(directory((0..count).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    (provider, world, account)
}

fn path(resource: &str, account: &str, query: &str) -> String {
    format!("/proxy/{resource}?integrated_account_id={account}&{query}")
}

#[tokio::test]
async fn its_pages_are_all_pages_in_the_one_envelope() {
    let (provider, world, account) = people(23).await;
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.client.get(&path("users", &account, &format!("x=1&next_cursor={cursor}"))).await.ok();
        let records = page["result"].as_array().unwrap().clone();
        assert!(!records.is_empty() && page["result_count"] == records.len() && page["prev_cursor"].is_null());
        all.extend(records);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(all, (0..23).map(person).collect::<Vec<_>>());
    assert!(provider.seen().iter().all(|seen| seen.value("x") == Some("1")));
}

#[tokio::test]
async fn its_cursor_belongs_to_its_account_path_and_query() {
    let (provider, world, account) = people(23).await;
    let other = world.acme(&provider).await;
    let first = world.client.get(&path("users", &account, "x=1")).await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    provider.forget();
    for wrong in [
        path("users", &other, &format!("x=1&next_cursor={cursor}")),
        path("users", &account, &format!("x=2&next_cursor={cursor}")),
        path("users", &account, &format!("next_cursor={cursor}")),
        path("else", &account, &format!("x=1&next_cursor={cursor}")),
        path("users", &account, &format!("x=1&next_cursor={}", cursor.to_uppercase())),
        format!("/unified/user-directory/users?integrated_account_id={account}&next_cursor={cursor}"),
    ] {
        world.client.get(&wrong).await.says(400, &["`next_cursor`"]);
    }
    assert_eq!(provider.seen().len(), 0);
    let (_running, restarted) = world.restarted().await;
    let second = restarted.get(&path("users", &account, &format!("x=1&next_cursor={cursor}"))).await.ok();
    assert_eq!(second["result"][0], person(7));
}

#[tokio::test]
async fn a_loop_is_an_error() {
    let provider = Provider::start(async |_| json_answer(200, &json!({"users": [person(1)], "next": "c1"}))).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let first = world.client.get(&path("users", &account, "")).await.ok();
    let second = path("users", &account, &format!("next_cursor={}", first["next_cursor"].as_str().unwrap()));
    world.client.get(&second).await.says(502, &["acme", "cursor"]);
}

#[tokio::test]
async fn its_errors_are_those_of_every_call() {
    let status = Arc::new(AtomicU16::new(200));
    let shown = Arc::clone(&status);
    let provider = Provider::start(move |_| {
        let status = shown.load(Ordering::Relaxed);
        let headers = [("content-type", "application/json"), ("retry-after", "90")];
        std::future::ready(answer(status, &headers, "{\"message\":\"in its words\"}"))
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for (code, method) in [
        (400, Method::GET),
        (403, Method::DELETE),
        (404, Method::GET),
        (409, Method::POST),
        (422, Method::PATCH),
        (429, Method::GET),
        (500, Method::POST),
        (401, Method::GET),
    ] {
        status.store(code, Ordering::Relaxed);
        provider.forget();
        let body = if method == Method::GET { Value::Null } else { json!({"name": "x"}) };
        let told = match method {
            Method::GET => world.client.get(&path("devices", &account, "")).await,
            _ => world.client.send(method.clone(), &path("devices/1", &account, ""), &body).await,
        };
        let error = told.says(code, &["acme", "in its words"]);
        assert_eq!(error["truto_is_remote_error"], true);
        assert_eq!(error["raw_response"], json!({"message": "in its words"}));
        assert_eq!(told.header("retry-after"), Some("90"), "{code}");
        // What may have changed something is not sent again.
        assert_eq!(provider.seen().len(), 1, "{code}");
    }
    let account = world.client.get(&format!("/integrated-account/{account}")).await.ok();
    assert_eq!(account["status"], "needs_reauth");
}

/// A failure that passes is absorbed where that is safe.
#[tokio::test]
async fn a_read_is_tried_again_and_a_write_is_not() {
    let (world, times) = (World::new().await, Arc::new(AtomicU16::new(0)));
    let count = Arc::clone(&times);
    let provider = Provider::start(move |_| {
        let first = count.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        std::future::ready(json_answer(if first { 503 } else { 200 }, &json!({"ok": true})))
    })
    .await;
    let account = world.acme(&provider).await;
    world.client.get(&path("devices", &account, "")).await.ok();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        times.store(0, Ordering::Relaxed);
        world.client.send(method.clone(), &path("devices/1", &account, ""), &json!({})).await.error(503);
        assert_eq!(times.load(Ordering::Relaxed), 1, "{method}");
    }
}

#[tokio::test]
async fn what_is_ours_is_not_passed_on() {
    let people: Vec<Value> = (0..9).map(person).collect();
    let provider = Provider::start(move |seen| std::future::ready(page(&people, &seen))).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for name in ["truto_response_format=raw", "truto_key_by=id", "truto_ignore_limit=true"] {
        world.client.get(&path("users", &account, name)).await.says(400, &["/proxy", name.split('=').next().unwrap()]);
    }
    assert_eq!(provider.seen().len(), 0);
    // A name of the provider's that is one of ours too.
    world.client.get(&path("users", &account, "remote_query[next_cursor]=c7&limit=3&a[b]=c&d[]=1&d[]=2")).await.ok();
    let seen = &provider.seen()[0];
    assert_eq!(
        (seen.value("next_cursor"), seen.value("limit"), seen.value("a[b]")),
        (Some("c7"), Some("3"), Some("c"))
    );
    assert_eq!(seen.query.iter().filter(|(name, _)| name == "d").count(), 2);
    assert!(seen.value("integrated_account_id").is_none());
}

/// The caller's page size is the provider's, and its pages are all pages; where a page is, the cursor alone says.
#[tokio::test]
async fn a_page_size_of_the_callers_is_kept_to() {
    let numbers: Vec<u64> = (0..5).collect();
    let provider = Provider::start(move |seen: crate::world::Seen| {
        let at = |name: &str| seen.value(name).map_or(0, |value| value.parse().unwrap());
        let roles: Vec<Value> = numbers
            .chunks(at("per_page"))
            .nth(at("page") - 1)
            .unwrap_or_default()
            .iter()
            .map(|id| json!({"id": id}))
            .collect();
        std::future::ready(json_answer(200, &json!({"roles": roles})))
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for (query, size) in [("per_page=1", 1), ("per_page=2", 2), ("per_page=99", 2), ("", 2)] {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.client.get(&path("roles", &account, &format!("{query}&next_cursor={cursor}"))).await.ok();
            let records = page["result"].as_array().unwrap();
            assert!(records.len() <= size, "{query}: {page}");
            all.extend(records.iter().map(|role| role["id"].as_u64().unwrap()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(all, [0, 1, 2, 3, 4], "{query}");
    }
    provider.forget();
    world.client.get(&path("roles", &account, "page=2")).await.says(400, &["`page`", "`next_cursor`"]);
    world.client.get(&path("roles", &account, "per_page=many")).await.says(400, &["`per_page=many`"]);
    assert_eq!(provider.seen().len(), 0);
}

/// A body goes as it came, with its type; a provider's answer comes with its own.
#[tokio::test]
async fn bodies_and_their_types_are_passed_on() {
    let provider = Provider::start(async |seen| {
        let kind = seen.header("content-type").unwrap_or("none").to_owned();
        answer(200, &[("content-type", "text/csv"), ("x-seen", &kind)], seen.body)
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let xml = "<a  b='1'/>\r\n";
    let request = world.client.request(Method::PUT, &path("devices/1", &account, ""));
    let back = Answer::of(request.header("content-type", "application/xml").body(xml)).await;
    assert_eq!((back.text(), back.header("content-type")), (xml, Some("text/csv")));
    assert!(back.header("content-security-policy").unwrap().contains("sandbox"));
    assert_eq!(back.header("x-seen"), None);
    assert_eq!(provider.seen()[0].header("content-type"), Some("application/xml"));
    let bytes = world.client.request(Method::POST, &path("devices", &account, "")).body(vec![0xff, 0xfe]);
    Answer::of(bytes).await.says(415, &["text"]);
    assert_eq!(provider.seen().len(), 1);
}

#[tokio::test]
async fn other_verbs_are_405_with_allow() {
    let (provider, world, account) = people(1).await;
    for verb in ["OPTIONS", "TRACE", "PURGE"] {
        let request = world.client.request(Method::from_bytes(verb.as_bytes()).unwrap(), &path("users", &account, ""));
        let answer = Answer::of(request).await;
        answer.says(405, &[verb]);
        assert_eq!(answer.header("allow"), Some("GET, POST, PUT, PATCH, DELETE"));
    }
    assert_eq!(provider.seen().len(), 0);
}

/// Who may read may not write, and writes are written down.
#[tokio::test]
async fn writing_takes_its_scope_and_is_in_the_audit_log() {
    let (provider, world, account) = people(3).await;
    let reader = world.token(|new| new.scopes = vec!["proxy:read".to_owned()]).await;
    reader.get(&path("users", &account, "")).await.ok();
    provider.forget();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        reader.send(method, &path("users/1", &account, ""), &json!({})).await.says(403, &["`proxy:write`"]);
    }
    assert_eq!(provider.seen().len(), 0);
    world.client.send(Method::DELETE, &path("users/1", &account, ""), &json!({})).await.ok();
    let log = world.client.get("/audit-log").await.ok();
    let entry = log["result"].as_array().unwrap().iter().find(|entry| entry["action"] == "proxy.write").unwrap();
    assert_eq!((&entry["target"], &entry["details"]["method"]), (&json!(account), &json!("DELETE")));
}
