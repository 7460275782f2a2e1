//! What providers do with their pages: repeat, drift, leave some empty, cap them, and run in circles.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rollcall_sandbox::{Fault, SandboxOptions};
use serde_json::{Value, json};

use crate::world::{Provider, World, ids, json_answer, person};

/// A provider of numbered pages of two roles, of a list that grows in front by one with every page that is asked for.
async fn drifting(begin: usize, grows: usize) -> Provider {
    let asked = Arc::new(AtomicUsize::new(0));
    Provider::start(move |seen| {
        let added = asked.fetch_add(1, Ordering::Relaxed).min(grows);
        let roles: Vec<Value> =
            (0..begin + added).rev().map(|n| json!({"id": format!("r{n}"), "name": "Role"})).collect();
        let page: usize = seen.value("page").unwrap().parse().unwrap();
        let items: Vec<&Value> = roles.iter().skip((page - 1) * 2).take(2).collect();
        std::future::ready(json_answer(200, &json!({"roles": items})))
    })
    .await
}

async fn roles(world: &World, account: &str, limit: usize) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    for _ in 0..100 {
        let path = format!(
            "/unified/user-directory/roles?integrated_account_id={account}&group_id=1&limit={limit}&next_cursor={cursor}"
        );
        let page = world.client.get(&path).await.ok();
        let records = page["result"].as_array().unwrap();
        all.extend(ids(records));
        match page["next_cursor"].as_str() {
            Some(next) if !records.is_empty() => cursor = next.to_owned(),
            Some(_) => panic!("an empty page with a cursor"),
            None => return all,
        }
    }
    panic!("no end");
}

/// People who are added in front push the others on by one: they come again, and are given once.
#[tokio::test]
async fn nobody_comes_twice_when_the_list_grows_meanwhile() {
    let world = World::new().await;
    for limit in [1, 2, 3, 5, 100] {
        let provider = drifting(11, 4).await;
        let account = world.acme(&provider).await;
        let all = roles(&world, &account, limit).await;
        let expected: Vec<String> = (0..11).rev().map(|n: usize| format!("r{n}")).collect();
        assert_eq!(all, expected, "limit {limit}");
    }
}

#[tokio::test]
async fn records_that_are_repeated_across_pages_are_given_once() {
    let people: Vec<Value> = (0..12).map(person).collect();
    let provider = Provider::start(move |seen| {
        let from: usize = seen.value("cursor").map_or(0, |cursor| cursor.parse().unwrap());
        // Each page begins with the last of the one before.
        let items: Vec<&Value> = people.iter().skip(from.saturating_sub(1)).take(4).collect();
        let next = (from + 3 < people.len()).then(|| (from + 3).to_string());
        std::future::ready(json_answer(200, &json!({"users": items, "next": next})))
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let expected: Vec<String> = (0..12).map(|n: usize| n.to_string()).collect();
    for limit in [1, 3, 4, 5, 100] {
        assert_eq!(ids(&world.client.all(&account, "", limit).await), expected, "limit {limit}");
    }
    let whole = world.client.users(&account, "").await;
    assert!(whole.header("rollcall-completeness").unwrap().contains("repeated="));
    assert!(!whole.header("rollcall-completeness").unwrap().contains("repeated=0"));
}

/// A cursor that leads back is an error, and never an end, wherever the caller cuts the pages.
#[tokio::test]
async fn a_loop_is_an_error() {
    let provider = Provider::start(|seen: crate::world::Seen| {
        let from: usize = seen.value("cursor").map_or(0, |cursor| cursor.parse().unwrap());
        let people: Vec<Value> = (from..from + 3).map(person).collect();
        let next = if from >= 9 { 3 } else { from + 3 };
        std::future::ready(json_answer(200, &json!({"users": people, "next": next.to_string()})))
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for limit in [2, 3, 5, 100] {
        let (mut cursor, mut pages) = (String::new(), 0);
        loop {
            let page = world.client.users(&account, &format!("limit={limit}&next_cursor={cursor}")).await;
            if page.status != 200 {
                page.error(502);
                break;
            }
            cursor = page.ok()["next_cursor"].as_str().expect("the end of an endless list").to_owned();
            pages += 1;
            assert!(pages < 60, "limit {limit}: round and round");
        }
    }
}

#[tokio::test]
async fn a_repeated_cursor_of_a_real_product_is_an_error() {
    let world = World::new().await;
    for slug in ["okta", "slack"] {
        let options = SandboxOptions {
            users: 50,
            fault: Some(Fault::RepeatedCursor),
            page_size_max: Some(10),
            ..SandboxOptions::default()
        };
        let account = world.played_with(slug, options).await;
        let error = world.client.users(&account, "").await.error(502);
        assert_eq!(error["truto_is_remote_error"], true, "{slug}");
    }
}

/// One client stops at an empty page: there is none before the end.
#[tokio::test]
async fn a_page_with_a_cursor_is_never_empty() {
    let people: Vec<Value> = (0..6).map(person).collect();
    let provider = Provider::start(move |seen| {
        let step: usize = seen.value("cursor").map_or(0, |cursor| cursor.parse().unwrap());
        // Two of three pages hold nobody.
        let items: Vec<&Value> =
            if step % 3 == 2 { people.iter().skip(step / 3).take(1).collect() } else { Vec::new() };
        let next = (step < 17).then(|| (step + 1).to_string());
        std::future::ready(json_answer(200, &json!({"users": items, "next": next})))
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    for limit in [1, 2, 4, 6, 7] {
        assert_eq!(world.client.all(&account, "", limit).await.len(), 6, "limit {limit}");
    }
    let played = SandboxOptions {
        users: 50,
        fault: Some(Fault::EmptyPage),
        page_size_max: Some(10),
        ..SandboxOptions::default()
    };
    let account = world.played_with("okta", played).await;
    assert_eq!(world.client.all(&account, "", 5).await.len(), 50);
}

/// A provider may give fewer than it was asked for without a word.
#[tokio::test]
async fn nobody_is_lost_when_pages_are_capped_silently() {
    let world = World::new().await;
    for slug in ["okta", "slack", "clerk", "auth0", "aws-iam"] {
        let options = SandboxOptions { users: 35, page_size_max: Some(8), ..SandboxOptions::default() };
        let account = world.played_with(slug, options).await;
        assert_eq!(world.client.all(&account, "", 10).await.len(), 35, "{slug}");
    }
}

/// An answer without a list is no empty list.
#[tokio::test]
async fn a_page_without_its_list_is_an_error() {
    let world = World::new().await;
    for body in
        [json!({"next": null}), json!({"users": null}), json!({"users": {}}), json!([]), json!("users"), json!({})]
    {
        let shown = body.clone();
        let provider = Provider::start(move |_| std::future::ready(json_answer(200, &body))).await;
        let account = world.acme(&provider).await;
        let error = world.client.users(&account, "").await.error(502);
        assert_eq!(error["truto_is_remote_error"], true, "{shown}");
    }
    let provider = Provider::start(async |_| json_answer(200, &json!({"users": [{"login": "nameless"}]}))).await;
    let account = world.acme(&provider).await;
    world.client.users(&account, "").await.says(502, &["without an id"]);
}
