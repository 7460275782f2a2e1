//! Logins that give tokens and cookies.

use rollcall_connector::request::{RequestBody, Verb};
use rollcall_engine::fault::FaultKind;
use serde_json::json;

use super::provider::{Provider, answer, applied, form, get, header, ok, sign_in, with_headers};

const URL: &str = "https://api.example.com/v1/users";
const USER: [(&str, &str); 2] = [("username", "ada"), ("password", "pass-word")];

#[tokio::test]
async fn a_login_below_the_base_gives_a_bearer_token() {
    let entry = json!({"session": {
        "login": {"post": "/login", "headers": {"X-App": "rollcall"}, "body": {"json": {"user": {"name": "{username}"}, "password": "{password}", "otp": "{otp}"}}},
        "token": ".data.token",
        "lifetime_seconds": 900,
    }});
    let auth = sign_in(entry, &USER);
    let provider = Provider::new([1, 2, 3].map(|n| ok(json!({"data": {"token": format!("st-{n}")}}))));
    auth.prepare(&provider).await.unwrap();
    let request = provider.one();
    assert_eq!((request.verb, request.url.as_str()), (Verb::Post, "https://api.example.com/v1/login"));
    assert_eq!(header(&request, "X-App").as_deref(), Some("rollcall"));
    // Nothing signs the login itself.
    assert_eq!(header(&request, "Authorization"), None);
    let body = json!({"user": {"name": "ada"}, "password": "pass-word"});
    assert_eq!(request.body, RequestBody::Json { value: body, content_type: None });
    assert_eq!(header(&applied(&auth, get(URL)), "Authorization").as_deref(), Some("Bearer st-1"));
    // Until a minute before the end of its life.
    provider.pass(839);
    auth.prepare(&provider).await.unwrap();
    assert!(provider.seen().is_empty());
    provider.pass(1);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(auth.value("access_token").as_deref(), Some("st-2"));
    // Or until it is refused.
    let sent = auth.apply(&mut get(URL)).unwrap();
    assert!(auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    assert_eq!(auth.value("access_token").as_deref(), Some("st-3"));
}

#[tokio::test]
async fn a_token_may_be_a_header_or_the_whole_body() {
    let entry = json!({"session": {"login": {"post": "https://login.example.com/x?a=b", "basic": {"username": "{username}", "password": "{password}"}}, "token": {"header": "X-Auth-Token"}}, "header": {"X-Auth-Token": "{access_token}"}});
    let auth = sign_in(entry, &USER);
    let provider = Provider::new([with_headers(answer(204, ""), &[("x-auth-token", "st-1")])]);
    auth.prepare(&provider).await.unwrap();
    let request = provider.one();
    assert_eq!(request.full_url(), "https://login.example.com/x?a=b");
    assert_eq!(header(&request, "Authorization").as_deref(), Some("Basic YWRhOnBhc3Mtd29yZA=="));
    assert_eq!(applied(&auth, get(URL)).headers, [("X-Auth-Token".to_owned(), "st-1".to_owned())]);

    for body in ["\"st-2\"", "st-2\n"] {
        let auth = sign_in(json!({"session": {"login": {"get": "/token"}, "token": "."}}), &[]);
        auth.prepare(&Provider::new([answer(200, body)])).await.unwrap();
        assert_eq!(auth.value("access_token").as_deref(), Some("st-2"));
    }
}

#[tokio::test]
async fn cookies_are_sent_on_to_their_host_only() {
    let entry = json!({"session": {"login": {"post": "/login", "body": {"form": {"u": "{username}", "p": "{password}"}}}, "cookies": true}});
    let auth = sign_in(entry, &USER);
    let provider = Provider::new([with_headers(
        answer(200, "{}"),
        &[("set-cookie", "sid=abc123; Path=/; Secure; HttpOnly"), ("set-cookie", "lang=en")],
    )]);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(form(&provider.one()).len(), 2);
    let mut request = get(URL);
    request.headers.push(("cookie".to_owned(), "own=1".to_owned()));
    assert_eq!(applied(&auth, request).headers, [("cookie".to_owned(), "own=1; sid=abc123; lang=en".to_owned())]);
    assert!(applied(&auth, get("https://files.example.com/x")).headers.is_empty());
    assert!(auth.secrets().contains(&"abc123".to_owned()));
}

#[tokio::test]
async fn a_second_call_uses_what_the_first_gave() {
    let entry = json!({"session": {
        "login": {"post": "/token"}, "token": ".login.token", "cookies": true,
        "then": {"post": "/login", "body": {"form": {"name": "{username}", "password": "{password}", "token": "{access_token}"}}},
        "then_token": ".login.user",
    }});
    let auth = sign_in(entry, &USER);
    let first =
        || with_headers(ok(json!({"login": {"token": "step-1"}})), &[("set-cookie", "a=1"), ("set-cookie", "b=1")]);
    let provider =
        Provider::new([first(), with_headers(ok(json!({"login": {"user": "Ada"}})), &[("set-cookie", "b=2")])]);
    auth.prepare(&provider).await.unwrap();
    let seen = provider.seen();
    assert_eq!(form(&seen[1])["token"], "step-1");
    assert_eq!(header(&seen[1], "Cookie").as_deref(), Some("a=1; b=1"));
    // Cookies carry this session: its token is a step of the login, not a Bearer token.
    assert_eq!(applied(&auth, get(URL)).headers, [("Cookie".to_owned(), "a=1; b=2".to_owned())]);
    // A later login begins without the old token.
    provider.add(Ok(first()));
    provider.add(Ok(ok(json!({"login": {"result": "Failed", "reason": "Wrong password"}}))));
    let sent = auth.apply(&mut get(URL)).unwrap();
    let fault = auth.challenged(sent, &answer(401, ""), &provider).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Credential);
    assert_eq!(fault.provider_said.as_deref(), Some("Wrong password"));
    assert_eq!(provider.seen().len(), 2);
}

#[tokio::test]
async fn a_second_token_replaces_the_first() {
    let entry = json!({"session": {
        "login": {"post": "/a"}, "token": ".t",
        "then": {"get": "/b", "headers": {"Authorization": "Bearer {access_token}"}}, "then_token": ".t",
    }});
    let auth = sign_in(entry, &[]);
    let provider = Provider::new([ok(json!({"t": "one"})), ok(json!({"t": "two"}))]);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(header(&provider.seen()[1], "Authorization").as_deref(), Some("Bearer one"));
    assert_eq!(header(&applied(&auth, get(URL)), "Authorization").as_deref(), Some("Bearer two"));
}

#[tokio::test]
async fn a_refused_login_is_a_refused_credential() {
    let entry = json!({"session": {"login": {"post": "/login"}, "token": ".token"}});
    for (refusal, said) in [
        (answer(401, r#"{"message":"pass-word is wrong"}"#), Some("[redacted] is wrong")),
        (answer(403, ""), None),
        (answer(200, r#"{"success":false,"msg":"locked"}"#), Some("locked")),
    ] {
        let auth = sign_in(entry.clone(), &USER);
        let fault = auth.prepare(&Provider::new([refusal])).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Credential);
        assert_eq!(fault.provider_said.as_deref(), said);
    }
    let page = sign_in(entry, &USER)
        .prepare(&Provider::new([answer(200, "<!doctype html><title>Log in</title>")]))
        .await
        .unwrap_err();
    assert_eq!(page.kind, FaultKind::UnexpectedShape);
    // A session that was to set cookies and did not is none.
    let entry = json!({"session": {"login": {"post": "/login"}, "cookies": true}});
    assert!(sign_in(entry, &USER).prepare(&Provider::new([answer(200, "{}")])).await.is_err());
}

/// The base may hold what is only found with the session.
#[tokio::test]
async fn a_login_elsewhere_does_not_need_the_base() {
    let session = json!({"login": {"post": "https://login.example.com/"}, "token": ".t"});
    let auth = sign_in(json!({"base": "https://{cloud_id}.example.com", "session": session}), &[]);
    auth.prepare(&Provider::new([ok(json!({"t": "one"}))])).await.unwrap();
    let auth = sign_in(
        json!({"base": "https://{cloud_id}.example.com", "session": {"login": {"post": "/x"}, "token": ".t"}}),
        &[],
    );
    let fault = auth.prepare(&Provider::new([])).await.unwrap_err();
    assert_eq!(fault.message, "the credential lacks `cloud_id`");
}

/// The operator's long-lived token gives a short-lived one.
#[tokio::test]
async fn a_login_may_use_the_operators_token() {
    let session =
        json!({"login": {"post": "/refresh", "body": {"json": {"refresh": "{access_token}"}}}, "token": ".t"});
    let auth = sign_in(json!({"session": session}), &[("access_token", "given")]);
    let provider = Provider::new([1, 2].map(|n| ok(json!({"t": format!("st-{n}")}))));
    auth.prepare(&provider).await.unwrap();
    let sent = auth.apply(&mut get(URL)).unwrap();
    assert!(auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    for request in provider.seen() {
        assert_eq!(request.body, RequestBody::Json { value: json!({"refresh": "given"}), content_type: None });
    }
    assert_eq!(auth.value("access_token").as_deref(), Some("st-2"));
}
