//! The authorization code grant: the browser's address and the exchange.

use std::collections::BTreeMap;

use rollcall_engine::auth::Pkce;
use rollcall_engine::fault::FaultKind;
use serde_json::{Value, json};
use url::Url;

use super::provider::{Provider, answer, applied, form, get, header, members, ok, sign_in};

const BACK: &str = "https://rollcall.example.org/callback?x=1";

fn entry(more: Value) -> Value {
    let mut entry = json!({
        "authorize": "https://login.example.com/authorize?prompt=consent",
        "token": "https://login.example.com/token",
        "scopes": ["read", "https://api.example.com/all"],
        "pkce": true,
    });
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"oauth2": entry})
}

fn query(url: &str) -> BTreeMap<String, String> {
    let url = Url::parse(url).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let map: BTreeMap<String, String> = pairs.iter().cloned().collect();
    assert_eq!(map.len(), pairs.len(), "a parameter stands twice in {url}");
    map
}

#[test]
fn the_browsers_address_carries_state_and_challenge() {
    let auth =
        sign_in(entry(json!({"extra": {"audience": "all"}})), &[("client_id", "id-1"), ("client_secret", "hush")]);
    let pkce = Pkce::from_verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
    let url = auth.authorize_url(BACK, "st&te", Some(&pkce)).unwrap();
    assert!(url.starts_with("https://login.example.com/authorize?prompt=consent&"));
    let wanted = [
        ("prompt", "consent"),
        ("response_type", "code"),
        ("client_id", "id-1"),
        ("redirect_uri", BACK),
        ("state", "st&te"),
        ("scope", "read https://api.example.com/all"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("audience", "all"),
    ];
    assert_eq!(query(&url), members(&wanted));
    // Neither the secret nor the verifier goes through the browser.
    assert!(!url.contains("hush") && !url.contains("dBjft"));
}

#[test]
fn the_browsers_extras_may_be_others() {
    let auth = sign_in(
        entry(json!({"extra": {"audience": "all"}, "extra_authorize": {"access_type": "offline"}, "scopes": []})),
        &[("client_id", "id-1")],
    );
    let query = query(&auth.authorize_url(BACK, "s", None).unwrap());
    assert_eq!(query.get("access_type").map(String::as_str), Some("offline"));
    assert!(!query.contains_key("audience") && !query.contains_key("scope") && !query.contains_key("code_challenge"));
}

#[test]
fn an_address_needs_a_client_and_the_grant() {
    let fault = sign_in(entry(json!({})), &[]).authorize_url(BACK, "s", None).unwrap_err();
    assert_eq!(fault.message, "the credential lacks `client_id`");
    let fault = sign_in(json!({"header": {"X": "{t}"}}), &[("t", "t")]).authorize_url(BACK, "s", None).unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadRequest);
    let fault = sign_in(json!({"oauth2": {"token": "https://a.example.com"}}), &[("client_id", "i")])
        .authorize_url(BACK, "s", None)
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadRequest);
}

#[tokio::test]
async fn a_code_becomes_tokens_that_are_kept() {
    let auth = sign_in(
        entry(json!({"token_path": ".user.access_token"})),
        &[("client_id", "id-1"), ("client_secret", "hush")],
    );
    let provider =
        Provider::new([ok(json!({"user": {"access_token": "at-1", "refresh_token": "rt-1", "expires_in": 3600}}))]);
    let pkce = Pkce::new().unwrap();
    auth.exchange_code("c0de", BACK, Some(&pkce), &provider).await.unwrap();
    let wanted = [
        ("grant_type", "authorization_code"),
        ("code", "c0de"),
        ("redirect_uri", BACK),
        ("code_verifier", pkce.verifier().expose()),
        ("client_id", "id-1"),
        ("client_secret", "hush"),
    ];
    assert_eq!(form(&provider.one()), members(&wanted));
    let names: Vec<String> = auth.take_updates().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["access_token", "refresh_token"]);
    auth.prepare(&provider).await.unwrap();
    assert!(provider.seen().is_empty());
    assert_eq!(
        header(&applied(&auth, get("https://api.example.com/")), "Authorization").as_deref(),
        Some("Bearer at-1")
    );
}

#[tokio::test]
async fn a_refused_code_is_not_repeated() {
    let auth = sign_in(entry(json!({})), &[("client_id", "id-1")]);
    let provider =
        Provider::new([answer(400, r#"{"error":"invalid_grant","error_description":"code c0de-abc expired"}"#)]);
    let fault = auth.exchange_code("c0de-abc", BACK, None, &provider).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Credential);
    assert_eq!(fault.message, "`login.example.com` refused to exchange the code (400)");
    assert_eq!(fault.provider_said.as_deref(), Some("code [redacted] expired"));
}
