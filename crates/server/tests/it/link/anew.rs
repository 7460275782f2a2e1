//! A link for an account that is there: its credential is replaced, and nothing else.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{CONNECT, RIGHT, accounts, filled, link};
use crate::authority::{Authority, CLIENT_ID, CLIENT_SECRET};
use crate::oauth::{come_back, status};
use crate::world::{Answer, World, connect};

on_both!(an_account_gets_a_new_credential, of_parallel_tries_one_replaces_it,);

/// An account whose token is no longer good.
async fn outdated(world: &World, authority: &Authority) -> String {
    let mut new = filled(authority, "outdated");
    new["validate"] = json!(false);
    new["label"] = json!("Campus");
    let id = connect(&world.client, &new).await;
    world.client.users(&id, "").await.error(401);
    assert_eq!(status(world, &id).await["status"], "needs_reauth");
    id
}

async fn an_account_gets_a_new_credential(world: World) {
    let authority = Authority::start(&world.clock).await;
    let id = outdated(&world, &authority).await;
    let linked = link(&world, json!({"integrated_account_id": id, "integrations": ["okta"]})).await;
    let shown = linked.get("/link").await.ok();
    assert_eq!(shown["integrations"].as_array().unwrap().len(), 1);
    assert_eq!(shown["integrations"][0]["name"], "portal");
    let expected = json!({
        "integrated_account_id": id, "integration": "portal", "label": "Campus", "auth": "token", "settings": {"address": authority.url},
    });
    assert_eq!(shown["connects_anew"], expected);

    let credential = |token: &str| json!({"integration": "portal", "auth": "token", "credential": {"token": token}});
    linked.post(CONNECT, &credential("wrong")).await.says(401, &["the token is not valid"]);
    let account = status(&world, &id).await;
    assert_eq!(account["status"], "needs_reauth", "a try that fails changes nothing");
    let elsewhere = json!({"integration": "portal", "auth": "token", "settings": {"address": "https://other.example"}, "credential": {"token": RIGHT}});
    linked.post(CONNECT, &elsewhere).await.says(400, &["stay as they are"]);
    linked.post(CONNECT, &json!({"integration": "okta", "credential": {"token": RIGHT}})).await.error(404);

    let answer = linked.post(CONNECT, &credential(RIGHT)).await;
    assert_eq!(answer.ok()["integrated_account_id"], id);
    let account = status(&world, &id).await;
    assert_eq!(
        (&account["status"], &account["last_error"], &account["label"]),
        (&json!("active"), &Value::Null, &json!("Campus"))
    );
    assert_eq!(accounts(&world).await.len(), 1);
    assert_eq!(world.client.users(&id, "").await.ok()["result_count"], 3);
    linked.get("/link").await.says(401, &["used already"]);
}

async fn of_parallel_tries_one_replaces_it(world: World) {
    let authority = Authority::start(&world.clock).await;
    let id = outdated(&world, &authority).await;
    let linked = link(&world, json!({"integrated_account_id": id})).await;
    let body = json!({"integration": "portal", "auth": "token", "credential": {"token": RIGHT}});
    let tries = (0..8).map(|_| {
        let (linked, body) = (linked.clone(), body.clone());
        tokio::spawn(async move { linked.post(CONNECT, &body).await.status })
    });
    let mut statuses = Vec::new();
    for tried in tries.collect::<Vec<_>>() {
        statuses.push(tried.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 401 | 409)), "{statuses:?}");
    assert_eq!(accounts(&world).await.len(), 1);
}

#[tokio::test]
async fn another_kind_of_credential_may_take_its_place() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let id = outdated(&world, &authority).await;
    let linked = link(&world, json!({"integrated_account_id": id})).await;
    let own = json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET});
    let begun =
        linked.post(CONNECT, &json!({"integration": "portal", "auth": "sign_in", "credential": own})).await.ok();
    let back = authority.allow(begun["authorize_url"].as_str().unwrap()).await;
    assert_eq!(come_back(&world, &back).await.status, 200);
    let account = status(&world, &id).await;
    assert_eq!((&account["status"], &account["auth"]), (&json!("active"), &json!("sign_in")));

    // The client is known from now on: who signs in again types nothing.
    world.clock.forward(Duration::from_secs(4000));
    authority.rules(|rules| rules.refuses = true);
    world.client.users(&id, "").await.error(401);
    authority.rules(|rules| rules.refuses = false);
    let linked = link(&world, json!({"integrated_account_id": id})).await;
    let form = linked.get("/link/integration/portal").await;
    assert!(!form.text().contains("canary"), "{}", form.text());
    assert_eq!(form.ok()["credentials"][1]["fields"], json!([]));
    assert_eq!(form.ok()["credentials"][1]["sign_in"]["ready"], true);
    let begun = linked.post(CONNECT, &json!({"integration": "portal", "auth": "sign_in"})).await.ok();
    let back = authority.allow(begun["authorize_url"].as_str().unwrap()).await;
    assert_eq!(come_back(&world, &back).await.status, 200);
    assert_eq!(world.client.users(&id, "").await.ok()["result_count"], 3);
}

#[tokio::test]
async fn an_account_that_is_gone_is_told() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let id = outdated(&world, &authority).await;
    let linked = link(&world, json!({"integrated_account_id": id})).await;
    assert_eq!(
        Answer::of(world.client.request(Method::DELETE, &format!("/integrated-account/{id}"))).await.status,
        204
    );
    linked.get("/link").await.says(404, &["no longer there"]);
    linked.post(CONNECT, &filled(&authority, RIGHT)).await.says(404, &["no longer there"]);
    assert_eq!(accounts(&world).await.len(), 0);
}
