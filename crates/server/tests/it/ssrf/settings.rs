//! What an account may name: base URLs, URLs, hosts and token endpoints.

use http::Method;
use serde_json::{Value, json};

use super::Trap;
use crate::world::{Provider, World, acme, connect, directory, person, users_path};

/// A server whose operator allows no private address.
async fn closed() -> World {
    World::with(|config| config.private_hosts = Vec::new()).await
}

/// An account that leads nowhere is refused with a 400: when it is made and tried, and when it is made untried and called.
async fn assert_refused(world: &World, new: &Value, named: &str) {
    let mut new = new.clone();
    new["validate"] = true.into();
    world.client.post("/integrated-account", &new).await.error(400);
    new["validate"] = false.into();
    let made = world.client.post("/integrated-account", &new).await;
    if made.status == 400 {
        return;
    }
    let account = made.ok()["id"].as_str().unwrap().to_owned();
    let error = world.client.users(&account, "").await.error(400);
    assert!(error.get("truto_is_remote_error").is_none(), "{named}: {error}");
    world.client.get(&format!("/proxy/users?integrated_account_id={account}")).await.error(400);
    let change = json!({"label": "x", "base_url": new["base_url"], "credential": new["credential"]});
    world.client.send(Method::PATCH, &format!("/integrated-account/{account}"), &change).await.error(400);
}

#[tokio::test]
async fn a_base_url_leads_to_no_private_address() {
    let (world, trap) = (closed().await, Trap::set().await);
    for host in trap.hosts() {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}");
            assert_refused(&world, &acme(&url), &url).await;
            assert_eq!(trap.seen().await, 0, "{url}");
        }
    }
}

#[tokio::test]
async fn a_url_setting_leads_to_no_private_address() {
    let (world, trap) = (closed().await, Trap::set().await);
    for host in trap.hosts() {
        for scheme in ["http", "https"] {
            let address = format!("{scheme}://{host}");
            let new = json!({"integration": "selfhosted", "settings": {"address": address}, "credential": {"token": "sandbox"}});
            assert_refused(&world, &new, &address).await;
            assert_eq!(trap.seen().await, 0, "{address}");
        }
    }
}

#[tokio::test]
async fn a_host_setting_leads_to_no_private_address() {
    let (world, trap) = (closed().await, Trap::set().await);
    let port = trap.port;
    let mut hosts = trap.hosts();
    hosts.extend([format!("http://127.0.0.1:{port}"), format!("https://localhost:{port}/")]);
    for host in hosts {
        let new = json!({"integration": "hosted", "settings": {"custom": host}, "credential": {"token": "sandbox"}});
        assert_refused(&world, &new, &host).await;
        assert_eq!(trap.seen().await, 0, "{host}");
    }
}

#[tokio::test]
async fn a_token_endpoint_leads_to_no_private_address() {
    let (world, trap) = (closed().await, Trap::set().await);
    for host in trap.hosts() {
        let new = json!({
            "integration": "selfhosted", "auth": "app",
            "settings": {"address": "https://8.8.8.8"},
            "credential": {"token_url": format!("https://{host}"), "client_id": "a", "client_secret": "sandbox-secret"},
        });
        assert_refused(&world, &new, &host).await;
        assert_eq!(trap.seen().await, 0, "{host}");
    }
}

/// What the operator allows is that host alone, however else it can be named.
#[tokio::test]
async fn a_host_that_is_allowed_opens_no_other_name() {
    let (world, trap) = (World::new().await, Trap::set().await);
    let port = trap.port;
    for host in ["localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "127.0.0.2", "localhost.", "[::]"] {
        let url = format!("http://{host}:{port}");
        assert_refused(&world, &acme(&url), &url).await;
        let new =
            json!({"integration": "selfhosted", "settings": {"address": url}, "credential": {"token": "sandbox"}});
        assert_refused(&world, &new, &url).await;
        assert_eq!(trap.seen().await, 0, "{url}");
    }
    // And it is allowed where an account names it.
    let provider = Provider::start(directory(vec![person(1)])).await;
    let account = connect(&world.client, &acme(&provider.url)).await;
    world.client.users(&account, "").await.ok();
}

/// Plain HTTP is for hosts that the operator allows.
#[tokio::test]
async fn plain_http_is_for_allowed_hosts() {
    let world = World::new().await;
    assert_refused(&world, &acme("http://8.8.8.8"), "http").await;
    let new = json!({"integration": "selfhosted", "settings": {"address": "http://8.8.8.8"}, "credential": {"token": "sandbox"}});
    assert_refused(&world, &new, "http").await;
}

#[tokio::test]
async fn what_is_no_plain_address_is_400_at_once() {
    let (world, trap) = (World::new().await, Trap::set().await);
    let port = trap.port;
    let urls = [
        format!("http://user:pass@127.0.0.1:{port}"),
        format!("http://user@127.0.0.1:{port}"),
        format!("http://api.acme.example@127.0.0.1:{port}"),
        format!("http://127.0.0.1:{port}?x=1"),
        format!("http://127.0.0.1:{port}#x"),
        format!("ftp://127.0.0.1:{port}"),
        format!("gopher://127.0.0.1:{port}/_x"),
        format!("ws://127.0.0.1:{port}"),
        "file:///etc/passwd".to_owned(),
        "unix:/run/x.sock".to_owned(),
        "data:text/plain,x".to_owned(),
        "javascript:alert(1)".to_owned(),
        format!("//127.0.0.1:{port}"),
        format!("127.0.0.1:{port}"),
        "http://".to_owned(),
        "http:///etc".to_owned(),
        format!("http://127.0.0.1:{port}0000"),
        format!("http://127.0.0.1 :{port}"),
        format!("http://127.0.0.1%00:{port}"),
        String::new(),
    ];
    for url in &urls {
        let mut new = acme(url);
        for validate in [true, false] {
            new["validate"] = validate.into();
            world.client.post("/integrated-account", &new).await.says(400, &["`base_url`"]);
        }
    }
    for url in urls.iter().filter(|url| !url.is_empty() && url.contains("//") && !url.starts_with("//")) {
        let new = json!({"integration": "selfhosted", "settings": {"address": url}, "credential": {"token": "sandbox"}, "validate": false});
        world.client.post("/integrated-account", &new).await.says(400, &["`address`"]);
    }
    for host in [
        format!("user@127.0.0.1:{port}"),
        format!("api.hosted.example@127.0.0.1:{port}"),
        format!("127.0.0.1:{port}/path"),
        format!("127.0.0.1:{port}?x"),
        format!("127.0.0.1:{port}#x"),
        format!("127.0.0.1:{port}\\@api.hosted.example"),
        format!("ftp://127.0.0.1:{port}"),
        "a b".to_owned(),
        "a%2fb".to_owned(),
    ] {
        let new = json!({"integration": "hosted", "settings": {"custom": host}, "credential": {"token": "sandbox"}, "validate": false});
        world.client.post("/integrated-account", &new).await.says(400, &["`custom`"]);
    }
    assert_eq!(trap.seen().await, 0);
}

/// A host of the vendor's is one of the vendor's.
#[tokio::test]
async fn a_host_is_one_of_those_that_the_connector_allows() {
    let world = World::new().await;
    for host in [
        "evil.example",
        "hosted.example",
        "hosted.example.evil.example",
        "evilhosted.example",
        "x.hosted.example.",
        "x.hosted.example@evil.example",
        "evil.example/.hosted.example",
        "evil.example#.hosted.example",
        "evil.example?.hosted.example",
        "evil.example\\.hosted.example",
        ".hosted.example",
        "*.hosted.example",
    ] {
        let new = json!({"integration": "hosted", "settings": {"tenant": host}, "credential": {"token": "sandbox"}, "validate": false});
        let answer = world.client.post("/integrated-account", &new).await;
        match host {
            // Names that are the vendor's, if odd ones.
            "x.hosted.example." | "*.hosted.example" => assert!(matches!(answer.status, 201 | 400)),
            _ => drop(answer.says(400, &["`tenant`"])),
        }
    }
    let new = json!({"integration": "hosted", "settings": {"tenant": "https://Acme.hosted.example/"}, "credential": {"token": "sandbox"}, "validate": false});
    let made = world.client.post("/integrated-account", &new).await.ok();
    assert_eq!(world.client.get(&users_path(made["id"].as_str().unwrap(), "limit=0")).await.status, 400);
}
