//! Signing in at a provider that repeats what it is told: the app's secret, codes, tokens, the link and what somebody filled in there.

use std::sync::{Arc, Mutex};

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use super::provider::said;
use super::watched;
use crate::world::{Answer, Provider, Seen, World, answer, json_answer, users_path};

const APP_SECRET: &str = "canary app+secret/1f\"\\";
const CODE: &str = "canary-code-77ab12";
const ACCESS: &str = "canary-signed-access-01";
const REFRESH: &str = "canary-signed-refresh-01";
const FILLED: &str = "canary-filled-in-9d0b";

/// How the provider answers at its token endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Refuses(u16),
    WithoutToken,
    Html,
    Redirects,
    Gives,
}

async fn product() -> (Provider, Arc<Mutex<(Way, Vec<String>)>>) {
    let state = Arc::new(Mutex::new((Way::Gives, Vec::new())));
    let shared = Arc::clone(&state);
    let provider = Provider::start(move |seen: Seen| {
        let mut state = shared.lock().unwrap();
        let words = said(&seen);
        state.1.push(words.clone());
        std::future::ready(match seen.path.as_str() {
            "/token" => token(state.0, &words),
            _ => json_answer(401, &json!({"message": words})),
        })
    })
    .await;
    (provider, state)
}

fn token(way: Way, words: &str) -> Response {
    let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    match way {
        Way::Refuses(status) => json_answer(status, &json!({"error": words, "error_description": words})),
        Way::WithoutToken => json_answer(200, &json!({"ok": words})),
        Way::Html => answer(500, &[("content-type", "text/html")], format!("<html><title>{words}</title>")),
        Way::Redirects => answer(302, &[("location", &format!("/login?{query}"))], ""),
        Way::Gives => json_answer(200, &json!({"access_token": ACCESS, "refresh_token": REFRESH, "expires_in": 3600})),
    }
}

/// Somebody comes back from the provider's page with the code.
async fn come_back(world: &World, authorize_url: &str) -> Answer {
    let url = Url::parse(authorize_url).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let path = format!("/connect/callback?code={CODE}&state={state}");
    Answer::of(world.client.anonymous(Method::GET, &path)).await
}

#[tokio::test]
async fn a_sign_in_tells_nothing() {
    let (world, _folder, mut search) = watched().await;
    let (provider, state) = product().await;
    let form = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    search.secret("app's secret", APP_SECRET);
    search.secret("app's id and secret", &STANDARD.encode(format!("app-1:{}", form(APP_SECRET))));
    for (name, secret) in [("code", CODE), ("access token", ACCESS), ("refresh token", REFRESH)] {
        search.secret(name, secret);
    }
    let app = json!({"client_id": "app-1", "client_secret": APP_SECRET, "settings": {"address": provider.url}});
    search.answer(&world.client.send(Method::PUT, "/integration/portal/app", &app).await);
    search.answer(&world.client.get("/integration/portal/app").await);
    for way in [
        Way::Refuses(400),
        Way::Refuses(401),
        Way::Refuses(503),
        Way::WithoutToken,
        Way::Html,
        Way::Redirects,
        Way::Gives,
    ] {
        state.lock().unwrap().0 = way;
        // With validation the provider refuses the token at once; without, the call after it does, and so does its renewal.
        for validate in [true, false] {
            let new = json!({"integration": "portal", "auth": "sign_in", "validate": validate});
            let begun = world.client.post("/integrated-account", &new).await;
            search.answer(&begun);
            let begun = begun.ok();
            let back = come_back(&world, begun["authorize_url"].as_str().unwrap()).await;
            assert_eq!(back.status == 200, way == Way::Gives && !validate, "{way:?}: {}", back.text());
            search.answer(&back);
            let account = begun["id"].as_str().unwrap();
            search.answer(&world.client.users(account, "").await);
            search.answer(&world.client.users(account, "truto_response_format=debug").await);
            search.answer(&world.client.get(&format!("/integrated-account/{account}")).await);
            search.answer(&world.client.get(&users_path(account, "truto_response_format=raw")).await);
        }
    }
    // All of it did travel.
    let heard = state.lock().unwrap().1.join("\n");
    for secret in [CODE, ACCESS, REFRESH, &STANDARD.encode(format!("app-1:{}", form(APP_SECRET)))] {
        assert!(heard.contains(secret), "{secret}");
    }
    search.answer(&world.client.get("/audit-log?limit=1000").await);
    search.finish(&world).await;
}

#[tokio::test]
async fn a_link_tells_nothing_to_others() {
    let (world, _folder, mut search) = watched().await;
    let (provider, state) = product().await;
    let made = world.client.post("/link-token", &json!({"integrations": ["portal"], "tenant_id": "x"})).await.ok();
    let token = made["link_token"].as_str().unwrap();
    search.secret("link token", token);
    search.secret("what was filled in", FILLED);
    let link = world.client.with(token);
    let filled = |more: Value| {
        let mut body = json!({"integration": "portal", "auth": "token", "settings": {"address": provider.url}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for body in [
        filled(json!({"credential": {"token": FILLED}})),
        filled(json!({"credential": {"tokn": FILLED}})),
        filled(json!({"credential": FILLED})),
        filled(json!({"credential": {"token": [FILLED]}})),
        filled(
            json!({"settings": {"address": format!("http://ada:{FILLED}@127.0.0.1:9")}, "credential": {"token": FILLED}}),
        ),
    ] {
        let told = link.post("/link/integrated-account", &body).await;
        assert!(told.status >= 400, "{}", told.text());
        search.answer(&told);
    }
    for path in ["/link", "/link/integration/portal", "/link/integration/nothing", "/token", "/connect"] {
        search.answer(&link.get(path).await);
    }
    assert!(state.lock().unwrap().1.join("\n").contains(FILLED));
    search.answer(&world.client.get("/audit-log").await);
    search.answer(&world.client.get("/token").await);
    search.finish(&world).await;
}
