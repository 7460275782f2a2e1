//! `truto_key_by`: the result as a lookup table.

use http::Method;
use serde_json::json;

use crate::world::{Provider, World, directory, person, users_path};

async fn people() -> (Provider, World, String) {
    let provider = Provider::start(directory((0..12).map(person).collect())).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    (provider, world, account)
}

#[tokio::test]
async fn the_result_is_keyed_by_a_field() {
    let (_provider, world, account) = people().await;
    let page = world.client.users(&account, "truto_key_by=username&limit=3").await.ok();
    let result = page["result"].as_object().unwrap();
    assert_eq!(result.keys().collect::<Vec<_>>(), ["user0", "user1", "user2"]);
    assert_eq!((&result["user1"]["id"], &result["user1"]["username"]), (&json!("1"), &json!("user1")));
    assert_eq!(page["result_count"], 3);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = world.client.users(&account, &format!("truto_key_by=id&next_cursor={cursor}")).await.ok();
    assert_eq!(rest["result"].as_object().unwrap().len(), 9);
    let all = world.client.users(&account, "truto_key_by=id&truto_ignore_limit=true").await.ok();
    assert_eq!(all["result"].as_object().unwrap().len(), 12);
    assert_eq!(all["result"]["11"]["username"], "user11");
    let debug = world.client.users(&account, "truto_key_by=id&truto_response_format=debug").await.ok();
    assert!(debug["result"]["11"].is_object() && debug["debug"].is_object());
    let empty = Provider::start(directory(Vec::new())).await;
    let account = world.acme(&empty).await;
    for query in ["truto_key_by=id", "truto_key_by=id&truto_ignore_limit=true"] {
        assert_eq!(world.client.users(&account, query).await.ok()["result"], json!({}));
    }
}

#[tokio::test]
async fn a_key_that_comes_twice_is_an_error() {
    let (_provider, world, account) = people().await;
    for query in ["truto_key_by=status", "truto_key_by=status&truto_ignore_limit=true"] {
        let answer = world.client.users(&account, query).await;
        answer.says(409, &["`status`", "active", "`id`"]);
    }
}

/// A key that comes again on a later page of an answer that has begun breaks it off.
#[tokio::test]
async fn a_key_that_comes_twice_midway_breaks_the_answer_off() {
    let mut people: Vec<_> = (0..12).map(person).collect();
    people[10]["login"] = "user0".into();
    let provider = Provider::start(directory(people)).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let path = users_path(&account, "truto_key_by=username&truto_ignore_limit=true");
    let response = world.client.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    world.client.users(&account, "truto_key_by=username").await.says(409, &["user0"]);
}

#[tokio::test]
async fn a_record_without_the_key_is_an_error() {
    let (_provider, world, account) = people().await;
    for query in ["truto_key_by=title", "truto_key_by=title&truto_ignore_limit=true"] {
        world.client.users(&account, query).await.says(422, &["`title`", "`id`"]);
    }
}

#[tokio::test]
async fn only_a_field_of_one_value_can_be_the_key() {
    let (provider, world, account) = people().await;
    for (query, words) in [
        ("truto_key_by=emails", ["`emails`", "not one value"]),
        ("truto_key_by=identifiers", ["`identifiers`", "not one value"]),
        ("truto_key_by=remote_data", ["`remote_data`", "not a field"]),
        ("truto_key_by=nmae", ["`nmae`", "username"]),
        ("truto_key_by=id&truto_exclude_fields=id", ["`id`", "drop one"]),
        ("truto_key_by[]=id", ["`truto_key_by`", "one value"]),
        ("truto_key_by=id&truto_response_format=stream", ["`truto_key_by`", "unified"]),
        ("truto_key_by=id&truto_response_format=raw", ["`truto_key_by`", "unified"]),
        ("truto_key_by=id&truto_response_format=normalized", ["`truto_key_by`", "unified"]),
    ] {
        world.client.users(&account, query).await.says(400, &words);
    }
    assert_eq!(provider.seen().len(), 0);
}

/// A key is written as what it is, not into the JSON.
#[tokio::test]
async fn keys_are_escaped() {
    let mut odd = person(1);
    odd["login"] = "a\"b\\\u{1}\n{}".into();
    let provider = Provider::start(directory(vec![odd])).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let page = world.client.users(&account, "truto_key_by=username").await.ok();
    assert!(page["result"].as_object().unwrap().contains_key("a\"b\\\u{1}\n{}"));
}
