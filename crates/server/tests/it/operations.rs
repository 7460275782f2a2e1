//! What operators ask: is it there, is it ready, what does it do.

use std::time::Duration;

use http::Method;
use rollcall_postgres_fixture::Server;
use rollcall_store::{Location, MasterKeys};
use serde_json::json;

use crate::world::{Answer, Provider, World, acme, directory, json_answer, person};

async fn ask(world: &World, path: &str) -> Answer {
    Answer::of(world.client.anonymous(Method::GET, path)).await
}

#[tokio::test]
async fn health_and_readiness_are_told_to_anyone() {
    let world = World::new().await;
    let health = ask(&world, "/health").await.ok();
    assert_eq!(health["status"], "ok");
    assert!(health["version"].is_string() && health["uptime_seconds"].is_u64());
    assert_eq!(ask(&world, "/ready").await.ok()["status"], "ready");
    world.clock.forward(Duration::from_secs(90));
    assert!(ask(&world, "/health").await.ok()["uptime_seconds"].as_u64().unwrap() >= 90);
}

/// With the database away it is alive and not ready, every call says so, and all is well when it is back.
#[tokio::test]
async fn without_its_store_it_is_not_ready() {
    let server = Server::private().unwrap();
    let database = server.database().await.unwrap();
    let location = Location::parse(database.url()).unwrap();
    let world =
        World::at(location, MasterKeys::generate_base64().unwrap(), |config| config.memory = Duration::ZERO).await;
    let provider = Provider::start(directory(vec![person(1)])).await;
    let account = world.acme(&provider).await;
    assert_eq!(ask(&world, "/ready").await.ok()["status"], "ready");

    server.stop().unwrap();
    let ready = ask(&world, "/ready").await;
    assert_eq!((ready.status, &ready.json()["status"]), (503, &json!("not ready")));
    assert_eq!(ask(&world, "/health").await.status, 200);
    assert_eq!(ask(&world, "/ping").await.status, 200);
    for answer in [
        world.client.users(&account, "").await,
        world.client.get("/integrated-account").await,
        world.client.post("/integrated-account", &acme(&provider.url)).await,
    ] {
        answer.says(503, &["store", "try again"]);
        assert!(answer.header("retry-after").is_some());
        assert!(!answer.text().contains("postgres"), "{}", answer.text());
    }

    server.start().unwrap();
    assert_eq!(ask(&world, "/ready").await.ok()["status"], "ready");
    world.client.users(&account, "").await.ok();
}

#[tokio::test]
async fn metrics_count_what_happens() {
    let provider = Provider::start(directory((0..3).map(person).collect())).await;
    let failing = Provider::start(async |_| json_answer(403, &json!({}))).await;
    let world = World::new().await;
    let account = world.acme(&provider).await;
    let other = world.acme(&failing).await;
    world.client.users(&account, "").await.ok();
    world.client.users(&other, "").await.error(403);
    for path in ["/made-up-path/1", "/made-up-path/2"] {
        world.client.get(path).await.error(404);
    }
    let odd = world.client.request(Method::from_bytes(b"BREW").unwrap(), "/ping");
    assert_eq!(Answer::of(odd).await.status, 405);
    let metrics = ask(&world, "/metrics").await;
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain"));
    let text = metrics.text();
    for line in [
        "rollcall_http_requests_total{route=\"/unified/{model}/{resource}\",method=\"GET\",status=\"200\"}",
        "rollcall_http_requests_total{route=\"/ping\",method=\"other\",status=\"405\"}",
        "rollcall_http_request_seconds_bucket{route=\"/integrated-account\"",
        "rollcall_provider_requests_total{connector=\"acme\"}",
        "rollcall_provider_faults_total{connector=\"acme\",kind=\"permission\"}",
        "rollcall_records_total{connector=\"acme\",resource=\"users\"}",
        "# HELP rollcall_http_requests_total",
    ] {
        assert!(text.contains(line), "no {line} in:\n{text}");
    }
    // Labels are of small sets: nothing that callers choose.
    for chosen in ["made-up-path", "BREW", account.as_str(), "127.0.0.1"] {
        assert!(!text.contains(chosen), "{chosen}");
    }
}
