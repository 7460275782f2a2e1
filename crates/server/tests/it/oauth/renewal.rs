//! Tokens: renewed before they end, once however many nodes want it, kept through a restart; and what shows when they cannot be.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use rollcall_store::{Location, MasterKeys};
use serde_json::{Value, json};

use super::{begin, come_back, set_app, signed_in, status};
use crate::authority::{Authority, CLIENT_ID, CLIENT_SECRET};
use crate::world::{World, ids};

on_both!(a_refused_renewal_shows_and_a_new_sign_in_clears_it, a_restart_uses_the_kept_token, what_a_try_renews_is_kept,);

/// More than the lifetime of an access token.
const LONG: Duration = Duration::from_secs(4000);

async fn renewed_once(world: &World) {
    let authority = Authority::start(&world.clock).await;
    let id = signed_in(world, &authority).await;
    let (_node, other) = world.other_node().await;
    // Both nodes know the account and hold its token.
    world.client.users(&id, "").await.ok();
    other.users(&id, "").await.ok();
    authority.rules(|rules| rules.delay = Duration::from_millis(100));
    for round in 1..=3 {
        world.clock.forward(LONG);
        let calls = (0..20).map(|number| {
            let (client, id) = (if number % 2 == 0 { world.client.clone() } else { other.clone() }, id.clone());
            tokio::spawn(async move { client.users(&id, "").await })
        });
        for answer in join_all(calls).await {
            let people = answer.unwrap().ok();
            assert_eq!(ids(people["result"].as_array().unwrap()), ["0", "1", "2"]);
        }
        assert_eq!(authority.counts(), (1, round, 0), "exchanges, refreshes, replays");
    }
    assert_eq!(status(world, &id).await["status"], "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_over_postgres_renew_once() {
    renewed_once(&World::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_over_a_file_renew_once() {
    let folder = Folder::new();
    let key = MasterKeys::generate_base64().unwrap();
    let world = World::at(Location::Sqlite(folder.0.join("rollcall.db")), key, |_| {}).await;
    renewed_once(&world).await;
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let id = signed_in(&world, &authority).await;
    world.clock.forward(Duration::from_secs(3530));
    world.client.users(&id, "").await.ok();
    assert_eq!(authority.counts(), (1, 0, 0));
    world.clock.forward(Duration::from_secs(20));
    let before = authority.asked("/v1/users");
    world.client.users(&id, "").await.ok();
    assert_eq!(authority.counts(), (1, 1, 0));
    assert_eq!(authority.asked("/v1/users"), before + 1, "no call was made with the old one");
}

async fn a_refused_renewal_shows_and_a_new_sign_in_clears_it(world: World) {
    let authority = Authority::start(&world.clock).await;
    let id = signed_in(&world, &authority).await;
    authority.rules(|rules| rules.refuses = true);
    world.clock.forward(LONG);
    let error =
        world.client.users(&id, "").await.says(401, &["refused to refresh the token", "connect the account again"]);
    assert_eq!(error["truto_is_remote_error"], true);
    let account = status(&world, &id).await;
    assert_eq!(account["status"], "needs_reauth");
    assert_eq!(account["last_error"]["code"], "invalid_grant", "{account}");
    assert_eq!(account["last_error"]["provider_said"], "the grant was revoked by the administrator");
    assert!(!account.to_string().contains("canary"), "{account}");
    let listed = world.client.get("/integrated-account?status=needs_reauth").await.ok();
    assert_eq!(listed["result"][0]["id"], id);

    authority.rules(|rules| rules.refuses = false);
    let link = world.client.post("/link-token", &json!({"integrated_account_id": id})).await.ok();
    let linked = world.client.with(link["link_token"].as_str().unwrap());
    let begun =
        linked.post("/link/integrated-account", &json!({"integration": "portal", "auth": "sign_in"})).await.ok();
    assert_eq!(status(&world, &id).await["status"], "needs_reauth", "not before somebody has signed in");
    let back = authority.allow(begun["authorize_url"].as_str().unwrap()).await;
    assert_eq!(come_back(&world, &back).await.status, 200);
    let account = status(&world, &id).await;
    assert_eq!((&account["status"], &account["last_error"]), (&json!("active"), &Value::Null));
    world.client.users(&id, "").await.ok();
    assert_eq!(world.client.get("/integrated-account").await.ok()["result_count"], 1);
    assert_eq!(authority.counts(), (2, 0, 0));
}

async fn a_restart_uses_the_kept_token(world: World) {
    let authority = Authority::start(&world.clock).await;
    let id = signed_in(&world, &authority).await;
    let (_node, restarted) = world.restarted().await;
    restarted.users(&id, "").await.ok();
    assert_eq!(authority.counts(), (1, 0, 0));
    world.clock.forward(LONG);
    let before = authority.asked("/v1/users");
    restarted.users(&id, "").await.ok();
    assert_eq!(authority.counts(), (1, 1, 0));
    assert_eq!(authority.asked("/v1/users"), before + 1, "the end of the token was kept, too");
    let (_node, again) = world.restarted().await;
    again.users(&id, "").await.ok();
    assert_eq!(authority.counts(), (1, 1, 0));
}

/// A refresh token is good once: one that a try has used up must not be what is saved.
async fn what_a_try_renews_is_kept(world: World) {
    let authority = Authority::start(&world.clock).await;
    let given = authority.rules(|rules| rules.grants.refresh_token());
    let new = json!({
        "integration": "portal",
        "auth": "sign_in",
        "settings": {"address": authority.url},
        "credential": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": given},
    });
    let account = world.client.post("/integrated-account", &new).await.ok();
    assert_eq!((&account["status"], &account["validation"]["validated"]), (&json!("active"), &json!(true)));
    let id = account["id"].as_str().unwrap();
    assert_eq!(authority.counts(), (0, 1, 0));
    world.clock.forward(LONG);
    world.client.users(id, "").await.ok();
    assert_eq!(authority.counts(), (0, 2, 0));

    // So a change of something else, which tries the account just when its token has ended.
    world.clock.forward(LONG);
    let change = json!({"settings": {"archived": true}});
    world.client.send(Method::PATCH, &format!("/integrated-account/{id}"), &change).await.ok();
    assert_eq!(authority.counts(), (0, 3, 0));
    world.clock.forward(LONG);
    world.client.users(id, "").await.ok();
    assert_eq!(authority.counts(), (0, 4, 0));
    let (_node, restarted) = world.restarted().await;
    restarted.users(id, "").await.ok();
    assert_eq!(authority.counts(), (0, 4, 0));
}

/// A change of an account and a renewal at the same time: neither loses the other's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_and_a_renewal_at_once_lose_nothing() {
    let world = World::postgres().await;
    let authority = Authority::start(&world.clock).await;
    let id = signed_in(&world, &authority).await;
    let (_node, other) = world.other_node().await;
    authority.rules(|rules| rules.delay = Duration::from_millis(30));
    for round in 1..=5 {
        world.clock.forward(LONG);
        let change = json!({"settings": {"archived": round % 2 == 0}, "label": format!("round {round}")});
        let path = format!("/integrated-account/{id}");
        let (changed, one, two) = tokio::join!(
            world.client.send(Method::PATCH, &path, &change),
            other.users(&id, ""),
            world.client.users(&id, "")
        );
        changed.ok();
        one.ok();
        two.ok();
        assert_eq!(authority.counts(), (1, round, 0), "exchanges, refreshes, replays");
    }
    let all: BTreeSet<String> =
        world.client.all(&id, "", 2).await.iter().map(|person| person["id"].to_string()).collect();
    assert_eq!(all.len(), 3);
}

#[tokio::test]
async fn a_sign_in_of_before_is_not_used_after_the_next() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let account = begin(&world.client, json!({})).await;
    let id = account["id"].as_str().unwrap();
    let first = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    let link = world.client.post("/link-token", &json!({"integrated_account_id": id})).await.ok();
    let linked = world.client.with(link["link_token"].as_str().unwrap());
    let begun =
        linked.post("/link/integrated-account", &json!({"integration": "portal", "auth": "sign_in"})).await.ok();
    let second = authority.allow(begun["authorize_url"].as_str().unwrap()).await;
    assert_eq!(come_back(&world, &second).await.status, 200);
    assert_eq!(come_back(&world, &first).await.status, 200);
    world.client.users(id, "").await.ok();
    world.clock.forward(LONG);
    world.client.users(id, "").await.ok();
    assert_eq!(authority.counts(), (2, 1, 0));
}

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = MasterKeys::generate_base64().unwrap().replace(['/', '+', '='], "");
        let path = std::env::temp_dir().join(format!("rollcall-server-{name}"));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
