//! The browser comes back: once, in time, with what the provider gave.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::{begin, come_back, set_app, signed_in, status};
use crate::authority::{Authority, CLIENT_ID, CLIENT_SECRET};
use crate::world::{World, ids};

on_both!(
    whoever_signs_in_connects_the_account,
    a_state_is_taken_once,
    a_state_that_is_not_known_connects_nothing,
    a_sign_in_ends_after_ten_minutes,
);

async fn whoever_signs_in_connects_the_account(world: World) {
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let redirect_uri = "https://app.example.com/done?tab=accounts";
    let more = json!({"label": "Campus", "tenant_id": "customer-1", "redirect_uri": redirect_uri});
    let account = begin(&world.client, more).await;
    let id = account["id"].as_str().unwrap();
    assert_eq!(account["settings"], json!({"address": authority.url}));
    let authorize_url = account["authorize_url"].as_str().unwrap();
    let asked = Url::parse(authorize_url).unwrap();
    let sent: Vec<_> = asked.query_pairs().filter(|(name, _)| name == "redirect_uri").collect();
    assert_eq!(sent[0].1, format!("{}/connect/callback", world.app.config.public_url));
    assert!(!authorize_url.contains("canary"), "the browser never sees the client secret");

    let back = authority.allow(authorize_url).await;
    let answer = come_back(&world, &back).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.header("location"), Some(&*format!("{redirect_uri}&integrated_account_id={id}")));
    let account = status(&world, id).await;
    assert_eq!(
        (&account["status"], &account["label"], &account["tenant_id"]),
        (&json!("active"), &json!("Campus"), &json!("customer-1"))
    );
    assert_eq!(authority.counts(), (1, 0, 0));
    let people = world.client.users(id, "").await.ok();
    assert_eq!(ids(people["result"].as_array().unwrap()), ["0", "1", "2"]);
    assert_eq!(authority.counts(), (1, 0, 0), "the token that the sign-in gave is used");
    let log = world.client.get("/audit-log").await.ok();
    let actions: Vec<&Value> = log["result"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["account.connected", "account.created", "app.set"]);
    assert!(!log.to_string().contains("canary"), "{log}");
}

async fn a_state_is_taken_once(world: World) {
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let account = begin(&world.client, json!({})).await;
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    let (one, other) = tokio::join!(come_back(&world, &back), come_back(&world, &back));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let again = come_back(&world, &back).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("<h1>Not connected</h1>") && again.text().contains("not known"), "{}", again.text());
    assert_eq!(again.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(authority.counts(), (1, 0, 0));
    assert_eq!(
        status(&world, account["id"].as_str().unwrap()).await["status"],
        "active",
        "what was connected stays so"
    );
}

async fn a_state_that_is_not_known_connects_nothing(world: World) {
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let account = begin(&world.client, json!({})).await;
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    let url = Url::parse(&format!("http://server{back}")).unwrap();
    let of = |name: &str| url.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    let (code, state) = (of("code"), of("state"));
    let other = "A".repeat(state.len());
    for query in [
        String::new(),
        format!("code={code}"),
        format!("code={code}&state="),
        format!("code={code}&state={other}"),
        format!("code={code}&state={}", &state[1..]),
        format!("code={code}&state={state}x"),
        format!("code={code}&state={}", "%00".repeat(43)),
        // RFC 6749 section 3.1: what comes twice counts for nothing.
        format!("code={code}&state={state}&state={state}"),
        format!("error=access_denied&error_description=call+this+number&state={other}"),
    ] {
        let answer = come_back(&world, &format!("/connect/callback?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert!(answer.text().contains("not known"), "{query}: {}", answer.text());
        assert!(!answer.text().contains("call this number"), "only a provider that was asked may say something here");
    }
    assert_eq!(authority.counts(), (0, 0, 0));
    assert_eq!(status(&world, account["id"].as_str().unwrap()).await["status"], "connecting");
    // All that left the sign-in as it was.
    assert_eq!(come_back(&world, &back).await.status, 200);
}

async fn a_sign_in_ends_after_ten_minutes(world: World) {
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let mut ended = Vec::new();
    for (seconds, expected) in [(599, 200), (600, 400)] {
        let account = begin(&world.client, json!({})).await;
        let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
        world.clock.forward(Duration::from_secs(seconds));
        assert_eq!(come_back(&world, &back).await.status, expected, "{seconds}");
        ended.push(status(&world, account["id"].as_str().unwrap()).await["status"].clone());
    }
    assert_eq!(ended, ["active", "connecting"]);
}

#[tokio::test]
async fn what_the_provider_says_instead_of_a_code_is_told() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    for (query, status_code, words) in [
        ("error=access_denied", 403, "Access was not allowed at the provider"),
        (
            "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E",
            403,
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        ),
        ("error=%3Cb%3Einvalid_scope", 403, "<code>&lt;b&gt;invalid_scope</code>"),
        ("code=", 400, "without a code"),
        ("", 400, "without a code"),
        ("code=wrong", 401, "invalid_grant"),
    ] {
        let account = begin(&world.client, json!({"redirect_uri": "https://app.example.com/done?a=1"})).await;
        let id = account["id"].as_str().unwrap();
        let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
        let (_, state) = back.split_once("&state=").unwrap();
        let path = format!("/connect/callback?{query}&state={state}");
        let answer = come_back(&world, &path).await;
        assert_eq!(answer.status, status_code, "{query}: {}", answer.text());
        if words != "invalid_grant" {
            assert!(answer.text().contains(words), "{query}: {}", answer.text());
        }
        assert!(answer.text().contains("<h1>Portal &amp; Co was not connected</h1>"), "{}", answer.text());
        assert!(!answer.text().contains("<script") && !answer.text().contains("<b>"), "{}", answer.text());
        let way = "href=\"https://app.example.com/done?a=1&amp;error=not_connected\"";
        assert!(answer.text().contains(way), "{}", answer.text());
        let account = status(&world, id).await;
        assert_eq!(account["status"], "connecting", "{query}");
        assert_eq!(account["last_error"]["kind"], "sign_in", "{query}: {account}");
        // The state is gone with it.
        assert_eq!(come_back(&world, &back).await.status, 400, "{query}");
    }
    assert_eq!(authority.counts(), (0, 0, 0));
}

#[tokio::test]
async fn a_refused_code_is_told_in_the_providers_words() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let account = begin(&world.client, json!({})).await;
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    authority.rules(|rules| rules.refuses = true);
    let answer = come_back(&world, &back).await;
    assert_eq!(answer.status, 401);
    assert!(answer.text().contains("refused to exchange the code"), "{}", answer.text());
    assert!(answer.text().contains("the grant was revoked by the administrator"), "{}", answer.text());
    let account = status(&world, account["id"].as_str().unwrap()).await;
    assert_eq!(account["status"], "connecting");
    assert!(account["last_error"]["message"].as_str().unwrap().contains("refused to exchange the code"), "{account}");
    world.client.users(account["id"].as_str().unwrap(), "").await.error(401);
}

#[tokio::test]
async fn a_token_that_sees_nobody_is_not_saved() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    authority.rules(|rules| rules.forbids = true);
    let account = begin(&world.client, json!({})).await;
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    let answer = come_back(&world, &back).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("only administrators see people"), "{}", answer.text());
    let id = account["id"].as_str().unwrap();
    assert_eq!(status(&world, id).await["status"], "connecting");

    // Whoever wants no call gets none.
    let account = begin(&world.client, json!({"validate": false})).await;
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    assert_eq!(come_back(&world, &back).await.status, 200);
    assert_eq!(status(&world, account["id"].as_str().unwrap()).await["status"], "active");
}

#[tokio::test]
async fn a_client_of_ones_own_comes_with_the_account() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let settings = json!({"address": authority.url});
    let none = json!({"integration": "portal", "auth": "sign_in", "settings": settings});
    let error =
        world.client.post("/integrated-account", &none).await.says(400, &["`client_id`", "/integration/portal/app"]);
    assert!(error["message"].as_str().unwrap().contains("/connect/callback"), "{error}");
    assert_eq!(error["details"]["problems"][0]["name"], "client_id");
    assert_eq!(world.client.get("/integrated-account").await.ok()["result_count"], 0);

    // The kind need not be named where the values tell it.
    let own = json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET});
    let new = json!({"integration": "portal", "settings": settings, "credential": own});
    let account = world.client.post("/integrated-account", &new).await.ok();
    assert_eq!((&account["status"], &account["auth"]), (&json!("connecting"), &json!("sign_in")));
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    assert_eq!(come_back(&world, &back).await.status, 200);
    let id = account["id"].as_str().unwrap();
    let shown = status(&world, id).await;
    assert_eq!(shown["status"], "active");
    assert!(!shown.to_string().contains("canary"), "{shown}");
    // It is the account's own also when it comes to renewing.
    world.clock.forward(Duration::from_secs(4000));
    world.client.users(id, "").await.ok();
    assert_eq!(authority.counts(), (1, 1, 0));
}

#[tokio::test]
async fn what_cannot_begin_makes_no_account() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let post = async |more: Value| {
        let mut new = json!({"integration": "portal", "auth": "sign_in"});
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.client.post("/integrated-account", &new).await
    };
    for address in ["javascript:alert(1)", "/done", "app.example.com", "data:text/html,x"] {
        post(json!({"redirect_uri": address})).await.says(400, &["`redirect_uri`"]);
    }
    let token =
        json!({"auth": "token", "settings": {"address": authority.url}, "credential": {"token": "right-t0ken"}});
    post(token.clone()).await.ok();
    let mut with_way = token;
    with_way["redirect_uri"] = json!("https://app.example.com");
    post(with_way).await.says(400, &["`redirect_uri`", "sign"]);
    post(json!({"settings": {"scope": "all"}})).await.says(400, &["`scope`", "`staff`"]);
    post(json!({"redirect_uri": "https://app.example.com", "credential": {"nonsense": "x"}}))
        .await
        .says(400, &["`nonsense`"]);
    assert_eq!(world.client.get("/integrated-account").await.ok()["result_count"], 1);
}

#[tokio::test]
async fn an_account_that_was_removed_meanwhile_does_not_come_back() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let account = begin(&world.client, json!({})).await;
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    let path = format!("/integrated-account/{}", account["id"].as_str().unwrap());
    world.client.send(http::Method::DELETE, &path, &json!({})).await;
    let answer = come_back(&world, &back).await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("no longer there"), "{}", answer.text());
    assert_eq!(
        (authority.counts(), world.client.get("/integrated-account").await.ok()["result_count"].clone()),
        ((0, 0, 0), json!(0))
    );
}

#[tokio::test]
async fn two_accounts_have_tokens_of_their_own() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let (one, other) = (signed_in(&world, &authority).await, signed_in(&world, &authority).await);
    world.clock.forward(Duration::from_secs(4000));
    world.client.users(&one, "").await.ok();
    world.client.users(&other, "").await.ok();
    assert_eq!(authority.counts(), (2, 2, 0));
}
