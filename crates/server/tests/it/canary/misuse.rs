//! Secrets in places where they do not belong: what is refused is refused without repeating it.

use http::Method;
use serde_json::{Value, json};

use super::watched;
use crate::world::{Answer, users_path};

const SECRET: &str = "canary-misplaced-6d2e";

#[tokio::test]
async fn a_credential_in_the_wrong_place_is_not_repeated() {
    let (world, _folder, mut search) = watched().await;
    search.secret("a credential", SECRET);
    let acme = |members: Value| {
        let mut body = json!({"integration": "acme", "base_url": "http://127.0.0.1:9"});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    for body in [
        acme(json!({"credential": SECRET})),
        acme(json!({"credential": {"token": [SECRET]}})),
        acme(json!({"credential": {"tokn": SECRET}})),
        acme(json!({"settings": {"tokn": SECRET}})),
        acme(json!({"settings": {"token": SECRET}, "validate": false})),
        acme(json!({"auth": {"token": SECRET}})),
        acme(json!({"credential": {"token": SECRET}, "validate": SECRET})),
        acme(json!({"credential": {"token": format!("{SECRET}\n")}})),
        acme(json!({"credential": {"token": format!("{SECRET}\u{0}")}})),
        acme(json!({"credential": {"token": SECRET}, "base_url": format!("http://ada:{SECRET}@127.0.0.1:9")})),
        acme(json!({"credential": {"token": SECRET}, "base_url": format!("http://127.0.0.1:9/?token={SECRET}")})),
        acme(json!({"credential": {"token": SECRET}, "base_url": format!("http://127.0.0.1:9/#{SECRET}")})),
        acme(json!({"credential": {"token": SECRET}, "base_url": SECRET})),
        json!({"integration": "selfhosted", "settings": {"address": format!("http://ada:{SECRET}@127.0.0.1:9")}, "credential": {"token": SECRET}}),
        json!({"integration": "selfhosted", "settings": {"address": format!("http://127.0.0.1:9?t={SECRET}")}, "credential": {"token": SECRET}}),
        json!({"integration": "hosted", "settings": {"custom": format!("ada:{SECRET}@127.0.0.1")}, "credential": {"token": SECRET}}),
        json!({"integration": "hosted", "settings": {"tenant": format!("ada:{SECRET}@x.hosted.example")}, "credential": {"token": SECRET}}),
    ] {
        search.answer(&world.client.post("/integrated-account", &body).await);
        let raw =
            world.client.request(Method::POST, "/integrated-account").body(body.to_string().replace('}', "")).send();
        let raw = raw.await.unwrap();
        assert_eq!(raw.status(), 400);
        search.printed(&raw.text().await.unwrap());
    }
    for body in [json!({"scopes": SECRET}), json!({"kind": SECRET}), json!({"expires_in": SECRET})] {
        search.answer(&world.client.post("/token", &body).await);
    }
    search.finish(&world).await;
}

/// In a path or query a secret is the caller's own mistake: it is not written down.
#[tokio::test]
async fn a_token_in_a_url_is_not_written_down() {
    let (world, _folder, mut search) = watched().await;
    search.secret("a token in a URL", SECRET);
    for path in [
        format!("/unified/user-directory/users?access_token={SECRET}"),
        users_path("x", &format!("remote_query[token]={SECRET}")),
        format!("/integrated-account?next_cursor={SECRET}"),
        format!("/audit-log?next_cursor={SECRET}"),
    ] {
        let answer = Answer::of(world.client.anonymous(Method::GET, &path)).await;
        answer.error(401);
        search.answer(&answer);
        search.answer(&world.client.get(&path).await);
    }
    // The path of a request is nobody's label.
    world.client.get(&format!("/{SECRET}")).await.error(404);
    search.finish(&world).await;
}
