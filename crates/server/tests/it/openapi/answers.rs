//! Answers are as the document says: status, headers, content type, and every member of the body.

use http::Method;
use serde_json::{Value, json};

use super::described::{hold, hold_raw};
use crate::world::{Answer, Client, Provider, World, acme, directory, json_answer, person, rich_person, users_path};

const LIST: &str = "/unified/user-directory/users";
const ONE: &str = "/unified/user-directory/users/{id}";

async fn peopled(world: &World) -> (Provider, String) {
    let mut people: Vec<Value> = (1..=9).map(person).collect();
    people.push(rich_person());
    let provider = Provider::start(directory(people)).await;
    let account = world.acme(&provider).await;
    (provider, account)
}

#[tokio::test]
async fn lists_in_every_format() {
    let world = World::new().await;
    let (_provider, account) = peopled(&world).await;
    for query in [
        "",
        "limit=3",
        "truto_key_by=id",
        "truto_ignore_remote_data=true&sort_by=-name&status=active&created_at[gte]=2023-01-01",
        "truto_response_format=normalized",
        "truto_response_format=debug",
        "truto_response_format=stream",
        "truto_response_format=stream&limit=2",
        "truto_response_format=raw",
        "truto_ignore_limit=true",
        "stauts=active",
        "status[gte]=x",
        "next_cursor=abc",
        "truto_key_by=timezone",
    ] {
        let answer = world.client.users(&account, query).await;
        let hold = if query.ends_with("=raw") { hold_raw } else { hold };
        hold(LIST, "get", &answer);
    }
    let other = "/unified/user-directory/activities";
    hold(other, "get", &world.client.get(&format!("{other}?integrated_account_id={account}")).await);
    let roles = "/unified/user-directory/groups";
    hold(roles, "get", &world.client.get(&format!("{roles}?integrated_account_id={account}")).await);
}

#[tokio::test]
async fn one_record_in_every_format() {
    let world = World::new().await;
    let (_provider, account) = peopled(&world).await;
    for (id, query) in [("9007199254740993", ""), ("3", "&truto_response_format=raw"), ("none", ""), ("3", "&limit=1")]
    {
        let answer = world.client.get(&format!("{LIST}/{id}?integrated_account_id={account}{query}")).await;
        let hold = if query.ends_with("=raw") { hold_raw } else { hold };
        hold(ONE, "get", &answer);
    }
}

#[tokio::test]
async fn every_resource_of_a_played_product() {
    let world = World::new().await;
    let account = world.played("okta", 12).await;
    for resource in ["users", "groups", "roles"] {
        let path = format!("/unified/user-directory/{resource}");
        let answer = world.client.get(&format!("{path}?integrated_account_id={account}&limit=5")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        hold(&path, "get", &answer);
    }
}

#[tokio::test]
async fn errors_of_callers_and_of_providers() {
    let world = World::new().await;
    for (status, body) in [
        (401, json!({"message": "no", "code": "bad_token"})),
        (403, json!({"message": "no", "code": "not_allowed"})),
        (404, json!({"message": "no", "code": "no_such"})),
        (429, json!({"message": "slower", "code": "slow_down"})),
        (500, json!("<html>")),
        (200, json!({"ok": false, "message": "no", "code": "wrong"})),
    ] {
        let provider = Provider::start(move |_| std::future::ready(json_answer(status, &body))).await;
        let account = world.acme(&provider).await;
        let answer = world.client.users(&account, "").await;
        assert_ne!(answer.status, 200, "{status}");
        hold(LIST, "get", &answer);
    }
    for answer in [
        Answer::of(world.client.anonymous(Method::GET, &users_path("x", ""))).await,
        world.client.get(LIST).await,
        world.client.users("x", "").await,
        world.token(|new| new.scopes = vec!["audit:read".to_owned()]).await.users("x", "").await,
    ] {
        assert!(answer.status >= 400);
        hold(LIST, "get", &answer);
    }
}

#[tokio::test]
async fn accounts_tokens_and_links() {
    let world = World::new().await;
    let client = &world.client;
    let provider = Provider::start(directory(vec![person(1)])).await;
    let mut new = acme(&provider.url);
    new["validate"] = Value::Bool(true);
    let connected = client.post("/integrated-account", &new).await;
    hold("/integrated-account", "post", &connected);
    let id = connected.ok()["id"].as_str().unwrap().to_owned();
    hold(
        "/integrated-account",
        "post",
        &client.post("/integrated-account", &json!({"integration": "acme", "credential": {}})).await,
    );
    get(client, "/integrated-account", "?limit=5").await;
    let one = "/integrated-account/{id}";
    hold(one, "get", &client.get(&format!("/integrated-account/{id}")).await);
    hold(one, "get", &client.get("/integrated-account/none").await);
    let changed = client
        .send(Method::PATCH, &format!("/integrated-account/{id}"), &json!({"label": "Acme", "tenant_id": null}))
        .await;
    hold(one, "patch", &changed);
    hold(
        "/integrated-account/{id}/capabilities",
        "get",
        &client.get(&format!("/integrated-account/{id}/capabilities")).await,
    );
    hold("/token", "post", &client.post("/token", &json!({"kind": "account", "integrated_account_id": id})).await);
    get(client, "/token", "").await;
    hold("/token/{id}", "delete", &Answer::of(client.request(Method::DELETE, "/token/none")).await);
    hold(
        "/link-token",
        "post",
        &client.post("/link-token", &json!({"integrations": ["acme"], "tenant_id": "t"})).await,
    );
    hold(one, "delete", &Answer::of(client.request(Method::DELETE, &format!("/integrated-account/{id}"))).await);
    get(client, "/audit-log", "?limit=50").await;
}

#[tokio::test]
async fn the_catalogue_and_what_operators_ask() {
    let world = World::new().await;
    let client = &world.client;
    for path in [
        "/ping",
        "/health",
        "/ready",
        "/metrics",
        "/integration",
        "/openapi.json",
        "/docs",
        "/docs/integrations",
        "/docs/style.css",
    ] {
        get(client, path, "").await;
    }
    for slug in ["okta", "acme", "google-workspace", "aws-iam", "nothing"] {
        hold("/integration/{slug}", "get", &client.get(&format!("/integration/{slug}")).await);
        hold(
            "/integration/{slug}/capabilities",
            "get",
            &client.get(&format!("/integration/{slug}/capabilities?type=unified,proxy")).await,
        );
        hold("/docs/integrations/{slug}", "get", &client.get(&format!("/docs/integrations/{slug}")).await);
    }
    hold("/docs/{resource}", "get", &client.get("/docs/users").await);
    hold("/docs/{resource}", "get", &client.get("/docs/usres").await);
}

#[tokio::test]
async fn the_providers_own_resources() {
    let world = World::new().await;
    let (_provider, account) = peopled(&world).await;
    for (path, hold) in [("users", hold as fn(&str, &str, &Answer)), ("users/3", hold_raw), ("none", hold_raw)] {
        let answer = world.client.get(&format!("/proxy/{path}?integrated_account_id={account}")).await;
        hold("/proxy/{path}", "get", &answer);
    }
}

async fn get(client: &Client, path: &str, query: &str) {
    let answer = client.get(&format!("{path}{query}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    hold(path, "get", &answer);
}
