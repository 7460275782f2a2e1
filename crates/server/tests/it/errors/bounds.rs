//! Bounds on what a caller may send.

use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{Answer, Line, USERS, World, acme, connect};

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

/// A URL that is too long for a query of ours is told so; one that is too long to be read is refused all the same.
#[tokio::test]
async fn a_url_has_bounds() {
    let world = World::new().await;
    let query = format!("{USERS}?username={}", "x".repeat(17 * 1024));
    world.client.get(&query).await.says(414, &["16384 bytes"]);
    let mut line = Line::get(&world.client, &format!("/integrated-account/{}", "x".repeat(200 * 1024))).await;
    let told = line.rest().await;
    assert!(["HTTP/1.1 414", "HTTP/1.1 431", "HTTP/1.1 400"].iter().any(|known| told.starts_with(known)), "{told}");
    world.client.get("/integrated-account").await.ok();
}

/// What a provider sends has a bound too: a page that is announced as endless is not taken in.
#[tokio::test]
async fn a_providers_page_has_a_bound() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let begun =
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{\"users\":[";
            let _ = stream.write_all(begun.as_bytes()).await;
        }
    });
    let world = World::new().await;
    let account = connect(&world.client, &acme(&url)).await;
    for query in ["", "truto_response_format=raw", "truto_response_format=stream"] {
        world.client.users(&account, query).await.says(422, &["acme", "smaller pages"]);
    }
}
