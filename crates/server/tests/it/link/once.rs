//! One account, once.

use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use super::{CONNECT, RIGHT, accounts, filled, link};
use crate::authority::Authority;
use crate::oauth::{come_back, set_app};
use crate::world::{Answer, World};

on_both!(
    a_right_credential_connects_and_uses_the_link,
    of_parallel_tries_one_connects,
    a_link_that_ended_says_how,
    a_sign_in_connects_when_the_browser_is_back,
    of_two_sign_ins_one_connects,
);

async fn a_right_credential_connects_and_uses_the_link(world: World) {
    let authority = Authority::start(&world.clock).await;
    let more =
        json!({"label": "Campus", "tenant_id": "customer-1", "redirect_uri": "https://app.example.com/done?a=1#top"});
    let linked = link(&world, more).await;
    let error = linked.post(CONNECT, &filled(&authority, "wr0ng-canary")).await;
    let words = ["the account was not saved", "portal", "the token is not valid"];
    assert!(!error.text().contains("wr0ng-canary"), "{}", error.text());
    error.says(401, &words);
    assert_eq!(error.json()["truto_is_remote_error"], true);
    assert_eq!(error.json().get("details"), None, "it is the provider's refusal, and no end of the link");
    let missing = json!({"integration": "portal", "auth": "token", "settings": {"scope": "x"}});
    let error = linked.post(CONNECT, &missing).await.error(400);
    let names: Vec<&Value> = error["details"]["problems"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
    assert_eq!(names, ["address", "scope", "token"]);
    for body in [
        json!({}),
        json!({"integration": "portal", "base_url": "https://x.example"}),
        json!({"integration": "portal", "label": "x"}),
    ] {
        linked.post(CONNECT, &body).await.error(400);
    }
    assert_eq!(accounts(&world).await.len(), 0);

    let answer = linked.post(CONNECT, &filled(&authority, RIGHT)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let connected = answer.ok();
    let id = connected["integrated_account_id"].as_str().unwrap();
    assert_eq!(connected["redirect_to"], format!("https://app.example.com/done?a=1&integrated_account_id={id}#top"));
    assert_eq!(connected["validation"]["validated"], true);
    let all = accounts(&world).await;
    assert_eq!(all.len(), 1);
    let account = &all[0];
    assert_eq!(
        (&account["id"], &account["status"], &account["label"], &account["tenant_id"]),
        (&json!(id), &json!("active"), &json!("Campus"), &json!("customer-1"))
    );
    assert_eq!(world.client.users(id, "").await.ok()["result_count"], 3);

    for (method, path) in [(Method::GET, "/link"), (Method::GET, "/link/integration/portal"), (Method::POST, CONNECT)] {
        let error = linked.send(method, path, &filled(&authority, RIGHT)).await.says(401, &["used already"]);
        assert_eq!(error["details"]["reason"], "used");
    }
    assert_eq!(accounts(&world).await.len(), 1);
    let log = world.client.get("/audit-log").await.ok();
    let created = &log["result"][0];
    assert_eq!((&created["action"], &created["target"]), (&json!("account.created"), &json!(id)));
    assert!(created["actor"].as_str().unwrap().starts_with("link:"), "{created}");
    assert!(created["request_id"].is_string(), "{created}");
    assert!(!log.to_string().contains(RIGHT), "{log}");
}

async fn of_parallel_tries_one_connects(world: World) {
    let authority = Authority::start(&world.clock).await;
    let linked = link(&world, json!({})).await;
    let (_node, other) = world.other_node().await;
    let other = other.with(&linked.token);
    let tries = (0..16).map(|number| {
        let (client, body) = (if number % 2 == 0 { linked.clone() } else { other.clone() }, filled(&authority, RIGHT));
        tokio::spawn(async move { client.post(CONNECT, &body).await })
    });
    let mut connected = Vec::new();
    for answer in join_all(tries).await {
        let answer = answer.unwrap();
        match answer.status {
            201 => connected.push(answer.ok()["integrated_account_id"].clone()),
            409 | 401 => assert_eq!(answer.error(answer.status)["details"]["reason"], "used", "{}", answer.text()),
            _ => panic!("{}: {}", answer.status, answer.text()),
        }
    }
    assert_eq!(connected.len(), 1, "{connected:?}");
    let all = accounts(&world).await;
    assert_eq!(
        all.iter().map(|account| (&account["id"], &account["status"])).collect::<Vec<_>>(),
        [(&connected[0], &json!("active"))]
    );
    let log = world.client.get("/audit-log").await.ok();
    let created = log["result"].as_array().unwrap().iter().filter(|entry| entry["action"] == "account.created").count();
    assert_eq!(created, 1, "{log}");
}

async fn a_link_that_ended_says_how(world: World) {
    let authority = Authority::start(&world.clock).await;
    let short = link(&world, json!({"expires_in": 60})).await;
    world.clock.forward(Duration::from_secs(59));
    short.get("/link").await.ok();
    world.clock.forward(Duration::from_secs(1));
    assert_eq!(short.get("/link").await.says(401, &["has expired"])["details"]["reason"], "expired");
    short.post(CONNECT, &filled(&authority, RIGHT)).await.says(401, &["has expired"]);

    let made = world.client.post("/link-token", &json!({})).await.ok();
    let revoked = world.client.with(made["link_token"].as_str().unwrap());
    revoked.get("/link").await.ok();
    let path = format!("/token/{}", made["id"].as_str().unwrap());
    assert_eq!(Answer::of(world.client.request(Method::DELETE, &path)).await.status, 204);
    assert_eq!(revoked.get("/link").await.says(401, &["was revoked"])["details"]["reason"], "revoked");

    // Only who holds the whole link is told anything.
    let token = &revoked.token;
    let changed = format!("{}{}", &token[..60], if &token[60..61] == "A" { "B" } else { "A" });
    for guess in [&token[..token.len() - 1], &changed, "rcl_x", "nothing"] {
        let error = world.client.with(guess).get("/link").await.says(401, &["not known"]);
        assert_eq!(error["details"]["reason"], "unknown", "{guess}");
    }
    assert_eq!((accounts(&world).await.len(), authority.asked("/v1")), (0, 0));
}

async fn a_sign_in_connects_when_the_browser_is_back(world: World) {
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let more =
        json!({"integrations": ["portal"], "tenant_id": "customer-7", "redirect_uri": "https://app.example.com/done"});
    let linked = link(&world, more).await;
    let begin = async || {
        let begun = linked.post(CONNECT, &json!({"integration": "portal", "auth": "sign_in"})).await;
        assert_eq!(begun.status, 200, "{}", begun.text());
        authority.allow(begun.ok()["authorize_url"].as_str().unwrap()).await
    };
    // Somebody who does not allow it, then somebody whose code is refused: the link stays good.
    let back = begin().await;
    let (_, state) = back.split_once("&state=").unwrap();
    let denied = come_back(&world, &format!("/connect/callback?error=access_denied&state={state}")).await;
    assert_eq!(denied.status, 403);
    assert!(denied.text().contains("href=\"../connect\">Try again</a>"), "{}", denied.text());
    authority.rules(|rules| rules.refuses = true);
    assert_eq!(come_back(&world, &begin().await).await.status, 401);
    authority.rules(|rules| rules.refuses = false);
    assert_eq!(accounts(&world).await.len(), 0, "nothing is saved before somebody has signed in");

    let back = begin().await;
    let answer = come_back(&world, &back).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let all = accounts(&world).await;
    assert_eq!(all.len(), 1);
    let id = all[0]["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(&*format!("https://app.example.com/done?integrated_account_id={id}")));
    assert_eq!((&all[0]["status"], &all[0]["tenant_id"]), (&json!("active"), &json!("customer-7")));
    linked.get("/link").await.says(401, &["used already"]);
    assert_eq!(world.client.users(id, "").await.ok()["result_count"], 3);
}

async fn of_two_sign_ins_one_connects(world: World) {
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let linked = link(&world, json!({})).await;
    let mut ways = Vec::new();
    for _ in 0..2 {
        let begun = linked.post(CONNECT, &json!({"integration": "portal", "auth": "sign_in"})).await.ok();
        ways.push(authority.allow(begun["authorize_url"].as_str().unwrap()).await);
    }
    let (one, other) = tokio::join!(come_back(&world, &ways[0]), come_back(&world, &ways[1]));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.text(), other.text());
    let lost = if one.status == 409 { one } else { other };
    assert!(lost.text().contains("nothing was saved by this attempt"), "{}", lost.text());
    assert_eq!(accounts(&world).await.len(), 1);
}

#[tokio::test]
async fn a_link_that_was_revoked_during_the_sign_in_connects_nothing() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let made = world.client.post("/link-token", &json!({})).await.ok();
    let linked = world.client.with(made["link_token"].as_str().unwrap());
    let begun = linked.post(CONNECT, &json!({"integration": "portal", "auth": "sign_in"})).await.ok();
    let back = authority.allow(begun["authorize_url"].as_str().unwrap()).await;
    let path = format!("/token/{}", made["id"].as_str().unwrap());
    assert_eq!(Answer::of(world.client.request(Method::DELETE, &path)).await.status, 204);
    assert_eq!(come_back(&world, &back).await.status, 409);
    assert_eq!(accounts(&world).await.len(), 0);
}

#[tokio::test]
async fn a_link_is_not_for_guessing() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let (linked, neighbour) = (link(&world, json!({})).await, link(&world, json!({})).await);
    let mut refused = 0;
    for number in 0..40 {
        let answer = linked.post(CONNECT, &filled(&authority, &format!("guess-{number}"))).await;
        match answer.status {
            401 => assert_eq!(refused, 0),
            429 => {
                refused += 1;
                assert!(answer.header("retry-after").is_some());
                answer.says(429, &["tried too often"]);
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert!(refused >= 5, "{refused}");
    assert!(authority.asked("/v1/users") <= 35, "{}", authority.asked("/v1/users"));
    neighbour.post(CONNECT, &filled(&authority, RIGHT)).await.ok();
}
