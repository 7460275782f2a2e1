//! Bounds on what a caller may send.

use http::Method;
use serde_json::json;

use crate::world::{Answer, World};

#[tokio::test]
async fn a_body_has_a_bound() {
    let world = World::new().await;
    let limit = world.app.config.body_bytes_max;
    let body = |bytes: usize| json!({"label": "x".repeat(bytes)}).to_string();
    for path in ["/token", "/integrated-account", "/link-token", "/proxy/users?integrated_account_id=x"] {
        let long = world.client.request(Method::POST, path).body(body(limit));
        Answer::of(long).await.says(413, &[&limit.to_string()]);
    }
    let short = world.client.request(Method::POST, "/token").body(body(limit / 2));
    assert_eq!(Answer::of(short).await.status, 201);
}

#[tokio::test]
async fn headers_have_bounds() {
    let world = World::new().await;
    let mut many = world.client.request(Method::GET, "/integrated-account");
    for number in 0..70 {
        many = many.header(format!("x-{number}"), "1");
    }
    Answer::of(many).await.says(431, &["64 headers"]);
    let long = world.client.request(Method::GET, "/integrated-account").header("x-long", "x".repeat(17 * 1024));
    Answer::of(long).await.says(431, &["16384 bytes"]);
    let some = world.client.request(Method::GET, "/integrated-account").header("x-long", "x".repeat(8 * 1024));
    Answer::of(some).await.ok();
}
