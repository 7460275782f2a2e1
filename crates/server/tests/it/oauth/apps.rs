//! OAuth apps: set, shown without their secret, used by accounts that have no client of their own, and led nowhere else.

use std::time::Duration;

use http::Method;
use rollcall_store::TokenKind;
use serde_json::{Value, json};

use super::{begin, come_back, set_app, signed_in, status};
use crate::authority::{Authority, CLIENT_ID, CLIENT_SECRET};
use crate::world::{Answer, Provider, World, json_answer};

const PORTAL: &str = "/integration/portal/app";

on_both!(an_app_is_set_shown_and_removed, a_new_secret_serves_at_once_on_every_node,);

async fn an_app_is_set_shown_and_removed(world: World) {
    let authority = Authority::start(&world.clock).await;
    world.client.get(PORTAL).await.says(404, &["PUT /integration/portal/app"]);
    let set = set_app(&world.client, &authority).await;
    assert_eq!(
        (&set["integration"]["name"], &set["auth"], &set["client_id"], &set["has_client_secret"]),
        (&json!("portal"), &json!("sign_in"), &json!(CLIENT_ID), &json!(true))
    );
    assert_eq!(set["redirect_uri"], format!("{}/connect/callback", world.app.config.public_url));
    let shown = world.client.get(PORTAL).await;
    assert_eq!(shown.ok(), set);
    assert!(!shown.text().contains("canary"), "{}", shown.text());
    world.stranger.get(PORTAL).await.error(404);
    world.stranger.send(Method::DELETE, PORTAL, &json!({})).await.error(404);

    let public = json!({"client_id": "other", "settings": {"address": authority.url}});
    let public = world.client.send(Method::PUT, PORTAL, &public).await.ok();
    assert_eq!((&public["client_id"], &public["has_client_secret"]), (&json!("other"), &json!(false)));
    assert_eq!(Answer::of(world.client.request(Method::DELETE, PORTAL)).await.status, 204);
    world.client.get(PORTAL).await.error(404);
    world.client.send(Method::DELETE, PORTAL, &json!({})).await.error(404);
    let log = world.client.get("/audit-log").await.ok();
    let actions: Vec<&Value> = log["result"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["app.removed", "app.set", "app.set"]);
    assert!(!log.to_string().contains("canary"), "{log}");
}

async fn a_new_secret_serves_at_once_on_every_node(world: World) {
    let authority = Authority::start(&world.clock).await;
    let id = signed_in(&world, &authority).await;
    let (_node, other) = world.other_node().await;
    world.client.users(&id, "").await.ok();
    other.users(&id, "").await.ok();
    authority.rules(|rules| rules.secret = "another canary".to_owned());
    let app =
        json!({"client_id": CLIENT_ID, "client_secret": "another canary", "settings": {"address": authority.url}});
    world.client.send(Method::PUT, PORTAL, &app).await.ok();
    world.clock.forward(Duration::from_secs(4000));
    other.users(&id, "").await.ok();
    world.clock.forward(Duration::from_secs(4000));
    world.client.users(&id, "").await.ok();
    assert_eq!(authority.counts(), (1, 2, 0));
}

#[tokio::test]
async fn what_is_no_app_is_refused_and_said_why() {
    let world = World::new().await;
    let put = async |slug: &str, body: Value| {
        world.client.send(Method::PUT, &format!("/integration/{slug}/app"), &body).await
    };
    let address = json!({"address": "https://portal.example.com"});
    put("nothing", json!({"client_id": "a"})).await.error(404);
    put("hosted", json!({"client_id": "a"})).await.says(400, &["hosted", "no sign-in in a browser"]);
    put("portal", json!({})).await.says(400, &["client_id"]);
    put("portal", json!({"client_id": " "})).await.says(400, &["`client_id`", "empty"]);
    put("portal", json!({"client_id": "a", "secret": "b"})).await.says(400, &["`secret`"]);
    put("portal", json!({"client_id": "a"})).await.says(400, &["`address`", "which host"]);
    put("portal", json!({"client_id": "a", "auth": "token", "settings": address}))
        .await
        .says(400, &["`token`", "`sign_in`"]);
    put("portal", json!({"client_id": "a", "settings": {"adress": "x"}})).await.says(400, &["`adress`", "`address`"]);
    put("portal", json!({"client_id": "a", "settings": {"address": "ftp://x"}})).await.says(400, &["`address`"]);
    let url = json!({"client_id": "a", "settings": address, "base_url": "nowhere"});
    put("portal", url).await.says(400, &["`base_url`"]);
    // The vendor's own host comes with the account.
    put("branded", json!({"client_id": "a", "client_secret": "b"})).await.ok();
    for slug in ["portal", "hosted"] {
        world.client.get(&format!("/integration/{slug}/app")).await.error(404);
    }
}

#[tokio::test]
async fn an_app_takes_its_scope() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let reader = world.token(|new| new.scopes = vec!["accounts:read".to_owned()]).await;
    reader.get(PORTAL).await.ok();
    let app = json!({"client_id": "a", "settings": {"address": authority.url}});
    reader.send(Method::PUT, PORTAL, &app).await.says(403, &["`accounts:write`"]);
    reader.send(Method::DELETE, PORTAL, &json!({})).await.says(403, &["`accounts:write`"]);
    let lister = world.token(|new| new.scopes = vec!["unified:read".to_owned()]).await;
    lister.get(PORTAL).await.says(403, &["`accounts:read`"]);
    let account = begin(&world.client, json!({})).await;
    let own = world
        .token(|new| {
            new.kind = TokenKind::Account;
            new.account_id = Some(account["id"].as_str().unwrap().to_owned());
        })
        .await;
    own.get(PORTAL).await.says(403, &["environment"]);
    own.send(Method::PUT, PORTAL, &app).await.error(403);
    Answer::of(world.client.anonymous(Method::GET, PORTAL)).await.error(401);
}

/// Whoever may connect accounts must not learn the app's secret by naming a host of their own.
#[tokio::test]
async fn the_secret_goes_to_the_apps_own_host_only() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let id = signed_in(&world, &authority).await;
    let thief =
        Provider::start(|_| std::future::ready(json_answer(200, &json!({"access_token": "x", "users": []})))).await;
    let new = |more: Value| {
        let mut new = json!({"integration": "portal", "auth": "sign_in"});
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        new
    };
    for more in [
        json!({"settings": {"address": thief.url}}),
        json!({"base_url": thief.url}),
        json!({"settings": {"address": thief.url}, "credential": {"refresh_token": "made-up"}}),
        json!({"base_url": thief.url, "credential": {"refresh_token": "made-up"}, "validate": false}),
    ] {
        let answer = world.client.post("/integrated-account", &new(more.clone())).await;
        answer.says(400, &["OAuth app", "another"]);
    }
    // Nor by changing an account that uses it.
    let path = format!("/integrated-account/{id}");
    for change in [
        json!({"settings": {"address": thief.url}}),
        json!({"base_url": thief.url}),
        json!({"base_url": thief.url, "validate": false}),
        json!({"settings": {"address": thief.url}, "credential": {"refresh_token": "made-up"}, "validate": false}),
    ] {
        world.client.send(Method::PATCH, &path, &change).await.says(400, &["OAuth app", "another"]);
    }
    assert_eq!(thief.seen().len(), 0);
    assert_eq!(status(&world, &id).await["settings"]["address"], authority.url);
    world.client.users(&id, "").await.ok();
}

#[tokio::test]
async fn a_text_in_a_host_leads_nowhere_else() {
    let world = World::new().await;
    let app = json!({"client_id": "a", "client_secret": "b"});
    world.client.send(Method::PUT, "/integration/branded/app", &app).await.ok();
    let post = async |company: &str| {
        let new = json!({"integration": "branded", "auth": "sign_in", "settings": {"company": company}});
        world.client.post("/integrated-account", &new).await
    };
    for company in [
        "127.0.0.1:8080/",
        "thief.example/",
        "thief.example#",
        "thief.example?",
        "x@thief.example/",
        "a/b",
        "thief.example\\",
    ] {
        post(company).await.says(400, &["OAuth app", "another host"]);
    }
    let account = post("acme").await.ok();
    assert!(account["authorize_url"].as_str().unwrap().starts_with("https://acme.branded.example/authorize?"));
}

#[tokio::test]
async fn without_its_app_an_account_renews_nothing() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let id = signed_in(&world, &authority).await;
    assert_eq!(Answer::of(world.client.request(Method::DELETE, PORTAL)).await.status, 204);
    world.client.users(&id, "").await.ok();
    world.clock.forward(Duration::from_secs(4000));
    world.client.users(&id, "").await.says(401, &["`client_id`"]);
    assert_eq!(status(&world, &id).await["status"], "needs_reauth");
    assert_eq!(authority.counts(), (1, 0, 0));
    set_app(&world.client, &authority).await;
    world.client.users(&id, "").await.ok();
    let account = status(&world, &id).await;
    assert_eq!((&account["status"], &account["last_error"]), (&json!("active"), &Value::Null));
}

#[tokio::test]
async fn a_wrong_secret_of_the_app_is_told() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let app = json!({"client_id": CLIENT_ID, "client_secret": format!("{CLIENT_SECRET}x"), "settings": {"address": authority.url}});
    world.client.send(Method::PUT, PORTAL, &app).await.ok();
    let account = begin(&world.client, json!({})).await;
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    let answer = come_back(&world, &back).await;
    assert_eq!(answer.status, 401);
    assert!(answer.text().contains("<code>client_id</code> and <code>client_secret</code>"), "{}", answer.text());
}
