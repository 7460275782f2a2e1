//! No secret is printed.

use rollcall_engine::auth::Pkce;
use serde_json::json;

use super::provider::{Provider, answer, get, ok, sign_in, with_headers};

const SECRETS: [&str; 6] =
    ["client-s3cret", "refresh-s3cret", "access-s3cret", "cookie-s3cret", "pass-s3cret", "given-s3cret"];

fn hides(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn debug_output_holds_no_secret() {
    let entry = json!({"oauth2": {"token": "https://login.example.com/token"}});
    let given = [
        ("client_id", "id-1"),
        ("client_secret", SECRETS[0]),
        ("refresh_token", SECRETS[1]),
        ("access_token", SECRETS[5]),
    ];
    let auth = sign_in(entry, &given);
    hides(&format!("{auth:?}"));
    let provider = Provider::new([ok(json!({"access_token": SECRETS[2], "refresh_token": "refresh-s3cret-2"}))]);
    let sent = auth.apply(&mut get("https://api.example.com/")).unwrap();
    hides(&format!("{sent:?}"));
    assert!(auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    hides(&format!("{auth:?} {auth:#?}"));
    let updates = auth.take_updates();
    assert_eq!(updates.len(), 2);
    hides(&format!("{updates:?}"));
    // Both old and new ones are to be searched for in what is printed.
    let secrets = auth.secrets();
    assert!(secrets.contains(&SECRETS[2].to_owned()) && secrets.contains(&"refresh-s3cret-2".to_owned()));
}

#[tokio::test]
async fn sessions_hide_tokens_and_cookies() {
    let entry = json!({"session": {"login": {"post": "/login", "basic": {"username": "u", "password": "{p}"}}, "token": ".t", "cookies": true}});
    let auth = sign_in(entry, &[("p", SECRETS[4])]);
    let cookie = format!("sid={}", SECRETS[3]);
    let login = with_headers(ok(json!({"t": SECRETS[2]})), &[("set-cookie", &cookie)]);
    auth.prepare(&Provider::new([login])).await.unwrap();
    hides(&format!("{auth:?}"));
    assert_eq!(auth.secrets(), [SECRETS[2], SECRETS[3]]);
}

#[tokio::test]
async fn faults_hide_what_the_provider_repeats() {
    let entry = json!({"oauth2": {"grant": "password", "token": "https://login.example.com/token", "username": "ada"}});
    let auth = sign_in(entry, &[("client_id", "id-1"), ("client_secret", SECRETS[0]), ("password", SECRETS[4])]);
    let echo = format!(r#"{{"error":"{}","error_description":"{} / {}"}}"#, SECRETS[0], SECRETS[0], SECRETS[4]);
    let fault = auth.prepare(&Provider::new([answer(400, echo)])).await.unwrap_err();
    assert_eq!(fault.provider_said.as_deref(), Some("[redacted] / [redacted]"));
    hides(&format!("{fault:?} {fault} {}", serde_json::to_string(&fault).unwrap()));
}

/// Basic joins user and password into another text.
#[test]
fn the_encoded_pair_is_a_secret_too() {
    let auth = sign_in(json!({"basic": {"username": "ada", "password": "{p}"}}), &[("p", "pass")]);
    assert_eq!(auth.secrets(), ["YWRhOnBhc3M="]);
}

#[test]
fn verifiers_do_not_print() {
    let pkce = Pkce::from_verifier(SECRETS[0].to_owned());
    hides(&format!("{pkce:?}"));
}
