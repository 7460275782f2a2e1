//! Signing in at a provider: from the address of its page to an account that works, and everything that may go wrong on the way.

mod apps;
mod callback;
mod renewal;

use serde_json::{Value, json};

use crate::authority::{Authority, CLIENT_ID, CLIENT_SECRET};
use crate::world::{Answer, Client, World};

/// The environment's app at the product.
pub async fn set_app(client: &Client, authority: &Authority) -> Value {
    let app = json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "settings": {"address": authority.url}});
    client.send(http::Method::PUT, "/integration/portal/app", &app).await.ok()
}

/// What begins a sign-in: the account, which waits.
pub async fn begin(client: &Client, more: Value) -> Value {
    let mut new = json!({"integration": "portal", "auth": "sign_in"});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = client.post("/integrated-account", &new).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let account = answer.ok();
    assert_eq!((&account["status"], &account["last_error"]), (&json!("connecting"), &Value::Null));
    account
}

/// The way back of the browser.
pub async fn come_back(world: &World, path: &str) -> Answer {
    let answer = Answer::of(world.client.anonymous(http::Method::GET, path)).await;
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for secret in ["canary", "Bearer"] {
        assert!(!answer.text().contains(secret), "{}", answer.text());
    }
    answer
}

/// An account to which somebody has signed in.
pub async fn signed_in(world: &World, authority: &Authority) -> String {
    set_app(&world.client, authority).await;
    let account = begin(&world.client, json!({})).await;
    let back = authority.allow(account["authorize_url"].as_str().unwrap()).await;
    assert_eq!(come_back(world, &back).await.status, 200);
    account["id"].as_str().unwrap().to_owned()
}

pub async fn status(world: &World, id: &str) -> Value {
    world.client.get(&format!("/integrated-account/{id}")).await.ok()
}
