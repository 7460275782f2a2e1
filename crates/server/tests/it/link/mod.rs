//! Connecting an account by a link: the page, what it asks for, and that a link is good for one account, once.

mod anew;
mod once;
mod page;

use serde_json::{Value, json};

use crate::authority::Authority;
use crate::world::{Client, World};

/// A link, and a caller who has nothing else.
pub async fn link(world: &World, more: Value) -> Client {
    let answer = world.client.post("/link-token", &more).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let link = answer.ok();
    let token = link["link_token"].as_str().unwrap();
    assert_eq!(link["url"], format!("{}/connect#{token}", world.app.config.public_url));
    world.client.with(token)
}

/// What somebody fills in who has this token of the made-up product.
pub fn filled(authority: &Authority, token: &str) -> Value {
    json!({
        "integration": "portal",
        "auth": "token",
        "settings": {"address": authority.url},
        "credential": {"token": token},
    })
}

pub const RIGHT: &str = "right-t0ken";
pub const CONNECT: &str = "/link/integrated-account";

pub async fn accounts(world: &World) -> Vec<Value> {
    world.client.get("/integrated-account").await.ok()["result"].as_array().unwrap().clone()
}
