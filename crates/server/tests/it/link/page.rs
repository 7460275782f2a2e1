//! The page and its parts: what it may load, what it is told, and what it keeps to itself.

use http::Method;
use serde_json::{Value, json};

use super::{CONNECT, RIGHT, accounts, filled, link};
use crate::authority::Authority;
use crate::oauth::set_app;
use crate::world::{Answer, World};

const FILES: [&str; 6] = ["page.css", "page.js", "form.js", "fields.js", "guide.js", "element.js"];

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere_and_sets_no_cookie() {
    let world = World::new().await;
    let get = async |path: &str| Answer::of(world.client.anonymous(Method::GET, path)).await;
    let page = get("/connect").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    let directives: Vec<&str> = policy.split("; ").collect();
    for wanted in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ] {
        assert!(directives.contains(&wanted), "{wanted} in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
    let text = page.text();
    assert!(text.contains("<html lang=\"en\">") && text.contains("<noscript>"), "{text}");
    for file in FILES {
        let answer = get(&format!("/connect/files/{file}")).await;
        assert_eq!(answer.status, 200, "{file}");
        let kind = if file.ends_with("css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
        assert_eq!(answer.header("content-type"), Some(kind));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    // Everything that the page and its scripts name is there.
    for named in text.split("connect/files/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(FILES.contains(&named), "{named}");
    }
    for path in ["/connect/files/connect.html", "/connect/files/..%2f..%2fCargo.toml", "/connect/files/", "/connect/x"]
    {
        get(path).await.error(404);
    }
    let refused = get("/connect/callback?state=x&code=y").await;
    assert_eq!(refused.header("content-security-policy"), Some(policy));
    for answer in [&page, &get("/connect/files/page.js").await, &refused] {
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn the_page_is_told_what_the_link_is_for() {
    let world = World::new().await;
    let every = link(&world, json!({})).await.get("/link").await.ok();
    let names: Vec<&str> =
        every["integrations"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    let catalogue = world.client.get("/integration").await.ok();
    assert_eq!(names.len(), catalogue["result"].as_array().unwrap().len());
    assert!(names.contains(&"portal") && names.contains(&"okta"));
    let labels: Vec<String> =
        every["integrations"].as_array().unwrap().iter().map(|p| p["label"].as_str().unwrap().to_lowercase()).collect();
    assert!(labels.is_sorted(), "{labels:?}");
    assert_eq!((&every["connects_anew"], &every["returns_to"]), (&Value::Null, &Value::Null));

    let more = json!({"integrations": ["portal", "acme-inc"], "redirect_uri": "https://app.example.com/secret-path"});
    let some = link(&world, more).await;
    let shown = some.get("/link").await.ok();
    let products = shown["integrations"].as_array().unwrap();
    assert_eq!(products.iter().map(|p| &p["name"]).collect::<Vec<_>>(), ["acme", "portal"]);
    assert_eq!(products[1], json!({"name": "portal", "label": "Portal & Co", "aliases": [], "category": "test"}));
    assert_eq!(shown["returns_to"], "app.example.com");
    some.get("/link/integration/hosted").await.says(404, &["`hosted`"]);
    some.get("/link/integration/nothing").await.error(404);
    some.post(CONNECT, &json!({"integration": "hosted", "credential": {"token": "x"}})).await.says(404, &["`hosted`"]);
}

#[tokio::test]
async fn the_form_is_what_the_connector_asks_for() {
    let world = World::new().await;
    let linked = link(&world, json!({})).await;
    let form = linked.get("/link/integration/portal").await.ok();
    assert_eq!(
        form["settings"],
        json!([
            {"name": "address", "label": "Address", "help": null, "example": "https://portal.example.com", "kind": "url", "choices": [],
             "secret": false, "required": true, "default": null},
            {"name": "scope", "label": "Scope of people", "help": null, "example": null, "kind": "choice", "choices": ["staff", "everyone"],
             "secret": false, "required": false, "default": "everyone"},
            {"name": "archived", "label": "Archived people too", "help": null, "example": null, "kind": "boolean", "choices": [],
             "secret": false, "required": false, "default": false},
        ])
    );
    let [token, sign_in] = form["credentials"].as_array().unwrap().as_slice() else { panic!("{form}") };
    assert_eq!(
        (&token["name"], &token["label"], &token["sign_in"]),
        (&json!("token"), &json!("Access token"), &Value::Null)
    );
    assert_eq!(token["permissions"], json!(["people.read"]));
    let field = &token["fields"][0];
    assert_eq!((&field["name"], &field["secret"], &field["required"]), (&json!("token"), &json!(true), &json!(true)));
    let names = |kind: &Value| kind["fields"].as_array().unwrap().iter().map(|f| f["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(sign_in), ["client_id", "client_secret"]);
    assert_eq!((&sign_in["fields"][0]["required"], &sign_in["fields"][1]["secret"]), (&json!(true), &json!(true)));
    let redirect_uri = format!("{}/connect/callback", world.app.config.public_url);
    assert_eq!(sign_in["sign_in"], json!({"ready": false, "redirect_uri": redirect_uri, "settings": {}}));
    assert_eq!(form["guide"]["steps"], "1. Open *Profile*.\n2. Make a `token`.");
    assert!(form["guide"]["permissions"].as_str().unwrap().contains("`people.read`"), "{form}");

    // With an app of the environment there is nothing left to type.
    let authority = Authority::start(&world.clock).await;
    set_app(&world.client, &authority).await;
    let form = linked.get("/link/integration/portal").await;
    assert!(!form.text().contains("canary") && !form.text().contains("rollcall client"), "{}", form.text());
    let form = form.ok();
    let sign_in = &form["credentials"][1];
    assert_eq!(names(sign_in), [] as [Value; 0]);
    assert_eq!(
        sign_in["sign_in"],
        json!({"ready": true, "redirect_uri": null, "settings": {"address": authority.url}})
    );
    let elsewhere = world.stranger.post("/link-token", &json!({})).await.ok();
    let elsewhere = world.stranger.with(elsewhere["link_token"].as_str().unwrap());
    let form = elsewhere.get("/link/integration/portal").await.ok();
    assert_eq!(form["credentials"][1]["sign_in"]["ready"], false, "an app is of its environment");
}

/// Every product has a form that somebody can fill in: a label for each field, and a choice where there is one.
#[tokio::test]
async fn every_product_has_a_form() {
    let world = World::with(|config| config.requests_per_second = 100_000).await;
    let linked = link(&world, json!({})).await;
    let products = linked.get("/link").await.ok();
    for product in products["integrations"].as_array().unwrap() {
        let name = product["name"].as_str().unwrap();
        let form = linked.get(&format!("/link/integration/{name}")).await.ok();
        let settings = form["settings"].as_array().unwrap();
        let kinds = form["credentials"].as_array().unwrap();
        assert!(!kinds.is_empty() || name == "scim", "{name} has no way to sign in");
        for field in kinds.iter().flat_map(|kind| kind["fields"].as_array().unwrap()).chain(settings) {
            assert!(!field["label"].as_str().unwrap().trim().is_empty(), "{name}: {field}");
            assert_eq!(field["kind"] == "choice", field["choices"] != json!([]), "{name}: {field}");
            if field["kind"] == "choice" && !field["default"].is_null() {
                assert!(field["choices"].as_array().unwrap().contains(&field["default"]), "{name}: {field}");
            }
        }
        for kind in kinds {
            assert!(!kind["label"].as_str().unwrap().is_empty(), "{name}: {kind}");
        }
    }
}

#[tokio::test]
async fn a_link_opens_nothing_else_and_nothing_else_opens_it() {
    let world = World::new().await;
    let linked = link(&world, json!({})).await;
    for path in [
        "/integrated-account",
        "/integration",
        "/token",
        "/audit-log",
        "/integration/portal/app",
        "/unified/user-directory/users",
    ] {
        linked.get(path).await.says(403, &["link token"]);
    }
    linked.post("/link-token", &json!({})).await.error(403);
    linked.post("/integrated-account", &json!({"integration": "portal"})).await.error(403);
    for path in ["/link", "/link/integration/portal"] {
        world.client.get(path).await.says(403, &["link token"]);
        let answer = Answer::of(world.client.anonymous(Method::GET, path)).await;
        answer.error(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

/// What a page elsewhere can make a browser send carries no link token, so it counts for nothing; and it may read no answer.
#[tokio::test]
async fn a_page_elsewhere_can_do_nothing() {
    let world = World::new().await;
    let authority = Authority::start(&world.clock).await;
    let linked = link(&world, json!({})).await;
    let body = filled(&authority, RIGHT).to_string();
    for content_type in ["text/plain", "application/json", "application/x-www-form-urlencoded"] {
        let forged = world
            .client
            .anonymous(Method::POST, CONNECT)
            .header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site")
            .header("content-type", content_type)
            .header("cookie", format!("rollcall.link={}", linked.token))
            .body(body.clone());
        let answer = Answer::of(forged).await;
        answer.error(401);
        assert_eq!((answer.header("set-cookie"), answer.header("access-control-allow-origin")), (None, None));
    }
    let preflight = world
        .client
        .anonymous(Method::OPTIONS, CONNECT)
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization");
    let answer = Answer::of(preflight).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (405, None));
    assert_eq!((accounts(&world).await.len(), authority.asked("/v1")), (0, 0));
    let answer = linked.post(CONNECT, &filled(&authority, RIGHT)).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (201, None));
}
