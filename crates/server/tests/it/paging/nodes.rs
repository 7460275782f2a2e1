//! A cursor carries its state: a server that was started anew, and another node, go on from it.

use rollcall_store::MasterKeys;
use serde_json::Value;

use crate::world::{Client, Provider, World, directory, ids, person};

/// Reads a list, each page at the next of several servers.
async fn in_turns(clients: &[Client], account: &str, query: &str, limit: usize) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    for client in clients.iter().cycle().take(100) {
        let page = client.users(account, &format!("limit={limit}&next_cursor={cursor}&{query}")).await.ok();
        all.extend(ids(page["result"].as_array().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return all,
        }
    }
    panic!("no end");
}

async fn another_node_goes_on(world: World) {
    let (_running, elsewhere) = world.other_node().await;
    let clients = [world.client.clone(), elsewhere];
    let provider = Provider::start(directory((0..23).map(person).collect())).await;
    let account = world.acme(&provider).await;
    let whole: Vec<String> = (0..23).map(|n: usize| n.to_string()).collect();
    for limit in [1, 5, 7, 11] {
        assert_eq!(in_turns(&clients, &account, "", limit).await, whole, "limit {limit}");
        let sorted = in_turns(&clients, &account, "sort_by=-created_at", limit).await;
        assert_eq!(sorted, whole.iter().rev().cloned().collect::<Vec<_>>(), "sorted, limit {limit}");
    }
    for slug in ["okta", "clerk", "asana"] {
        let account = world.played(slug, 31).await;
        let whole = world.client.users(&account, "").await.ok();
        let whole = ids(whole["result"].as_array().unwrap());
        assert_eq!(whole.len(), 31, "{slug}");
        assert_eq!(in_turns(&clients, &account, "", 6).await, whole, "{slug}");
    }
}

async fn a_server_that_was_started_anew_goes_on(world: World) {
    let provider = Provider::start(directory((0..23).map(person).collect())).await;
    let account = world.acme(&provider).await;
    let first = world.client.users(&account, "limit=10").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_running, client) = world.restarted().await;
    let rest = client.users(&account, &format!("next_cursor={cursor}")).await.ok();
    let expected: Vec<String> = (10..23).map(|n: usize| n.to_string()).collect();
    assert_eq!(ids(rest["result"].as_array().unwrap()), expected);
    assert_eq!(rest["next_cursor"], Value::Null);
}

on_both!(another_node_goes_on, a_server_that_was_started_anew_goes_on);

/// A master key that was replaced opens what it has sealed as long as it is kept.
#[tokio::test]
async fn a_cursor_outlives_the_change_of_the_master_key() {
    let world = World::postgres().await;
    let provider = Provider::start(directory((0..9).map(person).collect())).await;
    let account = world.acme(&provider).await;
    let first = world.client.users(&account, "limit=4").await.ok();
    let next = format!("next_cursor={}", first["next_cursor"].as_str().unwrap());
    let new = MasterKeys::generate_base64().unwrap();
    let (_running, client) = world.node_with(&[&new, &world.key]).await;
    assert_eq!(client.users(&account, &next).await.ok()["result_count"], 5);
    // With another key altogether it is foreign.
    let other = World::new().await;
    let elsewhere = other.acme(&provider).await;
    other.client.users(&elsewhere, &next).await.says(400, &["`next_cursor`"]);
}
