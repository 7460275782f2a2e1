//! Authentication: kinds of tokens, what each opens, and what everybody else is told.

use std::time::Duration;

use http::Method;
use rollcall_engine::clock::Clock as _;
use rollcall_store::TokenKind;
use serde_json::json;

use crate::world::{Answer, Client, Provider, USERS, World, acme, connect, directory, person, users_path};

async fn people() -> Provider {
    Provider::start(directory((0..3).map(person).collect())).await
}

/// Everything behind a token.
const CLOSED: [(&str, &str); 13] = [
    ("GET", "/unified/user-directory/users"),
    ("GET", "/unified/user-directory/users/1"),
    ("POST", "/unified/user-directory/users"),
    ("GET", "/proxy/users"),
    ("GET", "/integration"),
    ("GET", "/integration/okta"),
    ("GET", "/integration/okta/capabilities"),
    ("GET", "/integrated-account"),
    ("POST", "/integrated-account"),
    ("GET", "/integrated-account/x/capabilities"),
    ("POST", "/link-token"),
    ("GET", "/token"),
    ("GET", "/audit-log"),
];

#[tokio::test]
async fn without_a_valid_token_everything_is_401() {
    let world = World::new().await;
    let valid = world.client.token.clone();
    let (kind, secret) = valid.split_at(4);
    let wrong = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(valid.clone()),
        Some(format!("Basic {valid}")),
        Some(format!("Bearer {valid}x")),
        Some(format!("Bearer {}", &valid[..valid.len() - 1])),
        Some(format!("Bearer {kind}{}", secret.chars().rev().collect::<String>())),
        Some(format!("Bearer rca_{secret}")),
        Some(format!("Bearer {}", "a".repeat(5000))),
        Some("Bearer ' OR 1=1 --".to_owned()),
    ];
    for (method, path) in CLOSED {
        for header in &wrong {
            let mut request = world.client.anonymous(method.parse().unwrap(), path);
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let answer = Answer::of(request).await;
            let error = answer.says(401, &["Authorization: Bearer"]);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{method} {path}");
            assert!(error.get("truto_is_remote_error").is_none());
        }
    }
    let twice =
        world.client.request(Method::GET, "/integrated-account").header("authorization", format!("Bearer {valid}"));
    Answer::of(twice).await.error(401);
    // The scheme's name has no letter case.
    let lower =
        world.client.anonymous(Method::GET, "/integrated-account").header("authorization", format!("bearer {valid}"));
    Answer::of(lower).await.ok();
}

async fn an_expired_token_is_401_from_that_moment_on(world: World) {
    let soon = world.clock.now() + Duration::from_secs(60);
    let client = world.token(|new| new.expires_at = Some(soon)).await;
    client.get("/integrated-account").await.ok();
    world.clock.forward(Duration::from_secs(59));
    client.get("/integrated-account").await.ok();
    world.clock.forward(Duration::from_secs(1));
    client.get("/integrated-account").await.error(401);
}

async fn a_revoked_token_is_401_at_once(world: World) {
    let made = world.client.post("/token", &json!({"label": "for a while"})).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let client = world.client.with(made["token"].as_str().unwrap());
    client.get("/integrated-account").await.ok();
    let path = format!("/token/{}", made["id"].as_str().unwrap());
    let revoked = Answer::of(world.client.request(Method::DELETE, &path)).await;
    assert_eq!(revoked.status, 204);
    client.get("/integrated-account").await.error(401);
    Answer::of(world.client.request(Method::DELETE, &path)).await.error(404);
}

async fn a_token_reaches_its_own_environment_alone(world: World) {
    let provider = people().await;
    let account = world.acme(&provider).await;
    let path = format!("/integrated-account/{account}");
    for stranger in [&world.stranger, &world.stranger] {
        // Known here or not, it is as if it were not there.
        stranger.users(&account, "").await.says(404, &[&account]);
        stranger.get(&format!("{USERS}/1?integrated_account_id={account}")).await.error(404);
        stranger.get(&format!("/proxy/users?integrated_account_id={account}")).await.error(404);
        stranger.post(&users_path(&account, ""), &json!({})).await.error(404);
        stranger.get(&path).await.error(404);
        stranger.get(&format!("{path}/capabilities")).await.error(404);
        stranger.send(Method::PATCH, &path, &json!({"label": "mine"})).await.error(404);
        Answer::of(stranger.request(Method::DELETE, &path)).await.error(404);
        stranger.post("/token", &json!({"kind": "account", "integrated_account_id": account})).await.error(404);
        stranger.post("/link-token", &json!({"integrated_account_id": account})).await.error(404);
        assert_eq!(stranger.get("/integrated-account").await.ok()["result_count"], 0);
        world.client.users(&account, "").await.ok();
    }
    let tokens = world.client.get("/token").await.ok();
    let id = tokens["result"][0]["id"].as_str().unwrap();
    Answer::of(world.stranger.request(Method::DELETE, &format!("/token/{id}"))).await.error(404);
    assert_eq!(world.stranger.get("/audit-log").await.ok()["result_count"], 0);
    assert_eq!(world.client.get(&path).await.ok()["label"], json!(null));
}

/// A token of one account.
async fn account_token(world: &World, account: &str) -> Client {
    let made = world.client.post("/token", &json!({"kind": "account", "integrated_account_id": account})).await.ok();
    assert_eq!(made["integrated_account_id"], *account);
    world.client.with(made["token"].as_str().unwrap())
}

async fn an_account_token_reaches_its_account_alone(world: World) {
    let provider = people().await;
    let account = world.acme(&provider).await;
    let other = world.acme(&provider).await;
    let client = account_token(&world, &account).await;
    // The account is inferred, and may be named.
    assert_eq!(client.get(USERS).await.ok()["result_count"], 3);
    assert_eq!(client.get(&format!("{USERS}/1")).await.ok()["id"], "1");
    client.users(&account, "").await.ok();
    client.get("/proxy/users").await.ok();
    client.get(&format!("/integrated-account/{account}")).await.ok();
    client.get(&format!("/integrated-account/{account}/capabilities")).await.ok();
    let listed = client.get("/integrated-account").await.ok();
    assert_eq!((&listed["result_count"], &listed["result"][0]["id"]), (&json!(1), &json!(account)));
    client.users(&other, "").await.says(404, &[&other]);
    client.get(&format!("/proxy/users?integrated_account_id={other}")).await.error(404);
    client.get(&format!("/integrated-account/{other}")).await.error(404);
    client.get(&format!("/integrated-account/{other}/capabilities")).await.error(404);
    for (method, path) in [
        (Method::POST, "/integrated-account".to_owned()),
        (Method::PATCH, format!("/integrated-account/{account}")),
        (Method::DELETE, format!("/integrated-account/{account}")),
        (Method::POST, "/token".to_owned()),
        (Method::GET, "/token".to_owned()),
        (Method::POST, "/link-token".to_owned()),
        (Method::GET, "/audit-log".to_owned()),
        (Method::GET, "/integration".to_owned()),
        (Method::GET, "/integration/acme".to_owned()),
        (Method::GET, "/integration/acme/capabilities".to_owned()),
    ] {
        client.send(method.clone(), &path, &json!({})).await.error(403);
    }
}

async fn an_account_token_is_short_lived(world: World) {
    let provider = people().await;
    let account = world.acme(&provider).await;
    let client = account_token(&world, &account).await;
    world.clock.forward(Duration::from_secs(3599));
    client.get(USERS).await.ok();
    world.clock.forward(Duration::from_secs(1));
    client.get(USERS).await.error(401);
    let long = json!({"kind": "account", "integrated_account_id": account, "expires_in": 86_401});
    world.client.post("/token", &long).await.says(400, &["86400 seconds"]);
}

async fn an_account_that_is_removed_takes_its_tokens_along(world: World) {
    let provider = people().await;
    let account = world.acme(&provider).await;
    let client = account_token(&world, &account).await;
    client.get(USERS).await.ok();
    Answer::of(world.client.request(Method::DELETE, &format!("/integrated-account/{account}"))).await;
    client.get(USERS).await.error(401);
}

async fn a_token_is_refused_on_another_node_too(world: World) {
    let (_running, elsewhere) = world.other_node().await;
    let made = world.client.post("/token", &json!({})).await.ok();
    let client = elsewhere.with(made["token"].as_str().unwrap());
    client.get("/integrated-account").await.ok();
    let path = format!("/token/{}", made["id"].as_str().unwrap());
    Answer::of(world.client.request(Method::DELETE, &path)).await;
    // What is known of a token is believed for a second.
    let memory = world.app.config.memory;
    assert!(memory <= Duration::from_secs(1));
    tokio::time::sleep(memory + Duration::from_millis(100)).await;
    client.get("/integrated-account").await.error(401);
}

on_both!(
    an_expired_token_is_401_from_that_moment_on,
    a_revoked_token_is_401_at_once,
    a_token_reaches_its_own_environment_alone,
    an_account_token_reaches_its_account_alone,
    an_account_token_is_short_lived,
    an_account_that_is_removed_takes_its_tokens_along,
    a_token_is_refused_on_another_node_too,
);

#[tokio::test]
async fn a_link_token_opens_nothing_else() {
    let provider = people().await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let link = world.client.post("/link-token", &json!({})).await.ok();
    let client = world.client.with(link["link_token"].as_str().unwrap());
    for (method, path) in CLOSED {
        let path = path.replace("account/x", &format!("account/{account}"));
        client.send(method.parse().unwrap(), &path, &json!({})).await.says(403, &["link token"]);
    }
}

#[tokio::test]
async fn a_token_may_do_what_its_scopes_say() {
    let provider = people().await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let users = users_path(&account, "");
    let proxy = format!("/proxy/users?integrated_account_id={account}");
    let own = format!("/integrated-account/{account}");
    let calls = [
        ("unified:read", Method::GET, users.clone()),
        ("unified:read", Method::GET, format!("{USERS}/1?integrated_account_id={account}")),
        ("proxy:read", Method::GET, proxy.clone()),
        ("proxy:write", Method::POST, proxy),
        ("accounts:read", Method::GET, own.clone()),
        ("accounts:read", Method::GET, "/integrated-account".to_owned()),
        ("accounts:write", Method::PATCH, own),
        ("links:write", Method::POST, "/link-token".to_owned()),
        ("tokens:write", Method::GET, "/token".to_owned()),
        ("audit:read", Method::GET, "/audit-log".to_owned()),
    ];
    for scope in [
        "unified:read",
        "proxy:read",
        "proxy:write",
        "accounts:read",
        "accounts:write",
        "links:write",
        "tokens:write",
        "audit:read",
    ] {
        let client = world.token(|new| new.scopes = vec![scope.to_owned()]).await;
        for (needed, method, path) in &calls {
            let answer = client.send(method.clone(), path, &json!({})).await;
            if *needed == scope {
                assert!(answer.status < 300 || answer.status == 404, "{scope}: {method} {path}: {}", answer.text());
            } else {
                answer.says(403, &[needed]);
            }
        }
    }
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let provider = people().await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let maker = world.token(|new| new.scopes = vec!["tokens:write".to_owned(), "unified:read".to_owned()]).await;
    maker.post("/token", &json!({"scopes": ["unified:read"]})).await.ok();
    maker.post("/token", &json!({"scopes": ["audit:read"]})).await.says(403, &["audit:read"]);
    maker.post("/token", &json!({})).await.error(403);
    let of_account = json!({"kind": "account", "integrated_account_id": account});
    maker.post("/token", &of_account).await.error(403);
    world
        .client
        .post("/token", &json!({"scopes": ["unified:reed"]}))
        .await
        .says(400, &["did you mean `unified:read`?"]);
    world.client.post("/token", &json!({"kind": "link"})).await.says(400, &["`environment`", "`account`"]);
    world.client.post("/token", &json!({"kind": "account"})).await.says(400, &["integrated_account_id"]);
}

#[tokio::test]
async fn a_token_is_shown_once() {
    let world = World::new().await;
    let made = world.client.post("/token", &json!({"label": "x"})).await.ok();
    let listed = world.client.get("/token").await;
    assert!(!listed.text().contains(made["token"].as_str().unwrap()));
    let entry = listed.ok()["result"].as_array().unwrap().iter().find(|token| token["id"] == made["id"]).cloned();
    assert_eq!(entry.unwrap()["label"], "x");
}

#[tokio::test]
async fn without_an_account_a_call_says_what_is_missing() {
    let world = World::new().await;
    for path in [USERS.to_owned(), format!("{USERS}?integrated_account_id="), format!("{USERS}/1")] {
        let error = world.client.get(&path).await.says(400, &["`integrated_account_id`"]);
        assert_eq!(error["details"]["missing_required_query_parameters"], json!(["integrated_account_id"]), "{path}");
    }
    for account in ["x", "018bcfe5-6800-7000-8000-000000000000", "'", "%00"] {
        world.client.users(account, "").await.error(404);
    }
    world.client.get(&format!("{USERS}?integrated_account_id[]=a")).await.says(400, &["`integrated_account_id`"]);
}

#[tokio::test]
async fn a_token_that_calls_too_often_waits_and_others_do_not() {
    let world = World::with(|config| (config.requests_per_second, config.requests_burst) = (1, 3)).await;
    for _ in 0..3 {
        world.client.get("/integrated-account").await.ok();
    }
    let refused = world.client.get("/integrated-account").await;
    refused.says(429, &["`Retry-After`"]);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    world.stranger.get("/integrated-account").await.ok();
    Answer::of(world.client.anonymous(Method::GET, "/ping")).await.ok();
    tokio::time::sleep(Duration::from_secs(wait)).await;
    world.client.get("/integrated-account").await.ok();
}

#[tokio::test]
async fn who_did_what_is_in_the_audit_log() {
    let provider = people().await;
    let world = World::new().await;
    let account = connect(&world.client, &acme(&provider.url)).await;
    let patch = world
        .client
        .request(Method::PATCH, &format!("/integrated-account/{account}"))
        .header("x-request-id", "my-own-id");
    Answer::of(patch.body("{\"label\": \"x\"}")).await.ok();
    let token = world.client.post("/token", &json!({})).await.ok();
    Answer::of(world.client.request(Method::DELETE, &format!("/token/{}", token["id"].as_str().unwrap()))).await;
    world.client.post("/link-token", &json!({})).await.ok();
    Answer::of(world.client.request(Method::DELETE, &format!("/integrated-account/{account}"))).await;
    let log = world.client.get("/audit-log").await.ok();
    let entries = log["result"].as_array().unwrap();
    let actions: Vec<&str> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let expected =
        ["account.deleted", "link.created", "token.revoked", "token.created", "account.changed", "account.created"];
    assert_eq!(actions, expected);
    let actor = entries[0]["actor"].as_str().unwrap();
    assert!(actor.starts_with("token:") && entries.iter().all(|entry| entry["actor"] == actor), "{log}");
    assert_eq!((&entries[4]["target"], &entries[4]["request_id"]), (&json!(account), &json!("my-own-id")));
    let first = world.client.get("/audit-log?limit=2").await.ok();
    let rest =
        world.client.get(&format!("/audit-log?next_cursor={}", first["next_cursor"].as_str().unwrap())).await.ok();
    assert_eq!(rest["result_count"], 4);
    world.client.get("/audit-log?next_cursor=garbage").await.says(400, &["next_cursor"]);
    assert_eq!(
        world.token(|new| new.kind = TokenKind::Environment).await.get("/audit-log?limit=1").await.ok()["result_count"],
        1
    );
}
