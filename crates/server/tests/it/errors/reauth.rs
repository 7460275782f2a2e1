//! A refused credential shows in the account, and so does one that is accepted again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::world::{Provider, USERS, World, connect, json_answer, page, person};

/// A provider that takes one token, which may change.
async fn locked() -> (Provider, Arc<AtomicBool>) {
    let open = Arc::new(AtomicBool::new(true));
    let state = Arc::clone(&open);
    let provider = Provider::start(move |seen| {
        let good = state.load(Ordering::SeqCst) || seen.header("authorization") == Some("Bearer new-token");
        let refused = json_answer(401, &json!({"code": "bad_token", "message": "token revoked"}));
        std::future::ready(if good { page(&(0..3).map(person).collect::<Vec<_>>(), &seen) } else { refused })
    })
    .await;
    (provider, open)
}

async fn seen(world: &World, account: &str) -> Value {
    world.client.get(&format!("/integrated-account/{account}")).await.ok()
}

async fn a_refused_credential_is_told_until_it_is_accepted_again(world: World) {
    let (provider, open) = locked().await;
    let account = world.acme(&provider).await;
    world.client.users(&account, "").await.ok();
    for (path, answer_begun) in [
        (format!("{USERS}?"), false),
        (format!("{USERS}/1?"), false),
        (format!("{USERS}?truto_response_format=raw&"), false),
        (format!("{USERS}?truto_response_format=stream&"), false),
        ("/proxy/users?".to_owned(), false),
    ] {
        assert!(!answer_begun);
        open.store(false, Ordering::SeqCst);
        let path = format!("{path}integrated_account_id={account}");
        let error = world.client.get(&path).await.says(401, &["acme", "credential", "token revoked"]);
        assert_eq!(error["truto_is_remote_error"], true);
        let told = seen(&world, &account).await;
        assert_eq!(told["status"], "needs_reauth", "{path}");
        assert_eq!(
            (&told["last_error"]["kind"], &told["last_error"]["code"]),
            (&json!("credential"), &json!("bad_token"))
        );
        assert_eq!(told["last_error"]["provider_said"], "token revoked");
        let listed = world.client.get("/integrated-account?status=needs_reauth").await.ok();
        assert_eq!(listed["result_count"], 1);
        open.store(true, Ordering::SeqCst);
        world.client.get(&path).await;
        let told = seen(&world, &account).await;
        assert_eq!((&told["status"], &told["last_error"]), (&json!("active"), &json!(null)), "{path}");
    }
}

async fn a_new_credential_puts_the_account_right(world: World) {
    let (provider, open) = locked().await;
    let account = world.acme(&provider).await;
    open.store(false, Ordering::SeqCst);
    world.client.users(&account, "").await.error(401);
    let path = format!("/integrated-account/{account}");
    let wrong = json!({"credential": {"token": "wrong-token"}});
    world.client.send(Method::PATCH, &path, &wrong).await.says(401, &["not saved"]);
    assert_eq!(seen(&world, &account).await["status"], "needs_reauth");
    let right = json!({"credential": {"token": "new-token"}});
    let changed = world.client.send(Method::PATCH, &path, &right).await.ok();
    assert_eq!((&changed["status"], &changed["last_error"]), (&json!("active"), &json!(null)));
    world.client.users(&account, "").await.ok();
}

/// What another node has learned is known here too.
async fn another_node_tells_the_same(world: World) {
    let (_running, elsewhere) = world.other_node().await;
    let (provider, open) = locked().await;
    let account = world.acme(&provider).await;
    elsewhere.users(&account, "").await.ok();
    open.store(false, Ordering::SeqCst);
    elsewhere.users(&account, "").await.error(401);
    assert_eq!(seen(&world, &account).await["status"], "needs_reauth");
    open.store(true, Ordering::SeqCst);
    world.client.users(&account, "").await.ok();
    assert_eq!(elsewhere.get(&format!("/integrated-account/{account}")).await.ok()["status"], "active");
}

on_both!(
    a_refused_credential_is_told_until_it_is_accepted_again,
    a_new_credential_puts_the_account_right,
    another_node_tells_the_same,
);

#[tokio::test]
async fn other_errors_say_nothing_about_the_credential() {
    for (status, code) in
        [(403, "not_allowed"), (404, "no_such"), (429, "slow_down"), (500, "oh"), (200, "not_allowed")]
    {
        let provider = Provider::start(move |_| {
            std::future::ready(json_answer(status, &json!({"ok": false, "code": code, "message": "no"})))
        })
        .await;
        let world = World::new().await;
        let account = world.acme(&provider).await;
        assert!(world.client.users(&account, "").await.status >= 400);
        let told = seen(&world, &account).await;
        assert_eq!((&told["status"], &told["last_error"]), (&json!("active"), &json!(null)), "{status} {code}");
    }
}

/// A fault in the middle of a stream is noted too.
#[tokio::test]
async fn a_credential_that_is_refused_midway_is_told() {
    let people: Vec<Value> = (0..30).map(person).collect();
    let provider = Provider::start(move |seen| {
        let failed = seen.value("cursor") == Some("c14");
        let refused = json_answer(401, &json!({"message": "expired"}));
        std::future::ready(if failed { refused } else { page(&people, &seen) })
    })
    .await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let answer = world.client.users(&account, "truto_response_format=stream").await;
    assert!(answer.text().contains("\"statusCode\":401"), "{}", answer.text());
    assert_eq!(seen(&world, &account).await["status"], "needs_reauth");
}

/// A sign-in that was refused is not tried again and again: that locks people out.
#[tokio::test]
async fn a_refused_sign_in_is_not_repeated_with_every_call() {
    let provider = Provider::start(async |seen| match seen.path.as_str() {
        "/v1/login" => json_answer(401, &json!({"message": "wrong passphrase"})),
        _ => json_answer(500, &json!({})),
    })
    .await;
    let world = World::with(|config| config.memory = Duration::ZERO).await;
    let new = json!({
        "integration": "acme", "auth": "session", "credential": {"user": "ada", "passphrase": "wrong-one"},
        "base_url": provider.url, "validate": false,
    });
    let account = connect(&world.client, &new).await;
    for _ in 0..5 {
        world.client.users(&account, "").await.says(401, &["wrong passphrase"]);
    }
    assert_eq!(seen(&world, &account).await["status"], "needs_reauth");
    assert_eq!(provider.asked("/v1/login"), 1);
    world.clock.forward(Duration::from_secs(61));
    world.client.users(&account, "").await.error(401);
    assert_eq!(provider.asked("/v1/login"), 2);
}
