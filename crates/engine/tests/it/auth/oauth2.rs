//! OAuth 2.0: obtaining, renewing and being refused.

use rollcall_connector::request::RequestBody;
use rollcall_engine::auth::Authenticator;
use rollcall_engine::fault::{Fault, FaultKind};
use serde_json::{Value, json};

use super::provider::{Provider, answer, applied, form, get, header, members, ok, sign_in};

const URL: &str = "https://api.example.com/v1/users";
const CLIENT: [(&str, &str); 2] = [("client_id", "id-1"), ("client_secret", "hush-hush")];

fn client_credentials(more: Value) -> Value {
    let mut entry = json!({"grant": "client_credentials", "token": "https://login.example.com/token?v=2"});
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"oauth2": entry})
}

fn code_grant() -> Value {
    json!({"oauth2": {"token": "https://login.example.com/token", "scopes": ["read"]}})
}

fn bearer(auth: &Authenticator) -> Option<String> {
    header(&applied(auth, get(URL)), "Authorization")
}

#[tokio::test]
async fn client_credentials_are_a_form() {
    let auth = sign_in(
        client_credentials(json!({"scopes": ["a", "b"], "extra": {"audience": "x-{client_id}", "tenant": "{tenant}"}})),
        &CLIENT,
    );
    let provider = Provider::new([ok(json!({"access_token": "at-1", "token_type": "bearer", "expires_in": 3600}))]);
    auth.prepare(&provider).await.unwrap();
    let request = provider.one();
    assert_eq!(request.full_url(), "https://login.example.com/token?v=2");
    assert_eq!(header(&request, "Accept").as_deref(), Some("application/json"));
    assert_eq!(header(&request, "Authorization"), None);
    let wanted = [
        ("grant_type", "client_credentials"),
        ("scope", "a b"),
        ("client_id", "id-1"),
        ("client_secret", "hush-hush"),
        ("audience", "x-id-1"),
    ];
    assert_eq!(form(&request), members(&wanted));
    assert_eq!(auth.value("access_token").as_deref(), Some("at-1"));
    assert_eq!(bearer(&auth).as_deref(), Some("Bearer at-1"));
}

#[tokio::test]
async fn deviations_are_followed() {
    let more = json!({"client_auth": "basic", "body": "json", "scopes": ["a", "b"], "scope_separator": ",", "extra": {"grant_type": "account_credentials"}});
    let auth = sign_in(client_credentials(more), &[("client_id", "s6BhdRkqt3"), ("client_secret", "gX1fBat3bV + ü")]);
    let provider = Provider::new([ok(json!({"access_token": "at-1"}))]);
    auth.prepare(&provider).await.unwrap();
    let request = provider.one();
    // RFC 6749 section 2.3.1: both parts are form-encoded before Basic joins them.
    assert_eq!(
        header(&request, "Authorization").as_deref(),
        Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JWKyUyQislQzMlQkM=")
    );
    assert_eq!(
        request.body,
        RequestBody::Json { value: json!({"scope": "a,b", "grant_type": "account_credentials"}), content_type: None }
    );
}

#[tokio::test]
async fn a_public_client_names_itself_in_the_body() {
    let auth = sign_in(
        json!({"oauth2": {"token": "https://login.example.com/token", "client_auth": "basic"}}),
        &[("client_id", "id-1"), ("refresh_token", "rt-1")],
    );
    let provider = Provider::new([ok(json!({"access_token": "at-1"}))]);
    auth.prepare(&provider).await.unwrap();
    let wanted = [("grant_type", "refresh_token"), ("refresh_token", "rt-1"), ("client_id", "id-1")];
    assert_eq!(form(&provider.one()), members(&wanted));
}

#[tokio::test]
async fn the_password_grant_sends_the_user() {
    let entry = json!({"oauth2": {"grant": "password", "token": "https://{host}/oauth/token", "username": "{email}"}});
    let auth = sign_in(entry, &[("host", "a.example.com:8443"), ("email", "ada@example.com"), ("password", "pw-1")]);
    let provider = Provider::new([ok(json!({"access_token": "at-1"}))]);
    auth.prepare(&provider).await.unwrap();
    let request = provider.one();
    assert_eq!(request.url, "https://a.example.com:8443/oauth/token");
    assert_eq!(
        form(&request),
        members(&[("grant_type", "password"), ("username", "ada@example.com"), ("password", "pw-1")])
    );
}

#[tokio::test]
async fn values_in_a_token_url_are_parts_of_its_path() {
    let entry = json!({"oauth2": {"grant": "client_credentials", "token": "https://login.example.com/{tenant}/token"}});
    let auth = sign_in(entry, &[("tenant", "../a b"), ("client_id", "i"), ("client_secret", "s")]);
    let provider = Provider::new([ok(json!({"access_token": "at-1"}))]);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(provider.one().url, "https://login.example.com/..%2Fa%20b/token");
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_its_end() {
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([1, 2].map(|n| ok(json!({"access_token": format!("at-{n}"), "expires_in": 3600}))));
    for _ in 0..3 {
        auth.prepare(&provider).await.unwrap();
    }
    provider.pass(3539);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(provider.seen().len(), 1);
    provider.pass(1);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(provider.seen().len(), 1);
    assert_eq!(bearer(&auth).as_deref(), Some("Bearer at-2"));
}

#[tokio::test]
async fn a_short_life_is_used_for_half_of_it() {
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([1, 2].map(|n| ok(json!({"access_token": format!("at-{n}"), "expires_in": 40}))));
    auth.prepare(&provider).await.unwrap();
    provider.pass(19);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(provider.seen().len(), 1);
    provider.pass(1);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(provider.seen().len(), 1);
}

#[tokio::test]
async fn without_a_lifetime_the_token_is_used_until_it_is_refused() {
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([1, 2].map(|n| ok(json!({"access_token": format!("at-{n}")}))));
    auth.prepare(&provider).await.unwrap();
    provider.pass(400 * 24 * 3600);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(provider.seen().len(), 1);
    let sent = auth.apply(&mut get(URL)).unwrap();
    assert!(auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    assert_eq!(bearer(&auth).as_deref(), Some("Bearer at-2"));
}

#[tokio::test]
async fn the_operators_token_is_used_until_it_is_refused() {
    let auth = sign_in(
        code_grant(),
        &[("access_token", "given"), ("refresh_token", "rt-1"), ("client_id", "id-1"), ("client_secret", "hush-hush")],
    );
    let provider = Provider::new([ok(json!({"access_token": "at-1", "refresh_token": "rt-2", "expires_in": 100}))]);
    auth.prepare(&provider).await.unwrap();
    assert!(provider.seen().is_empty());
    assert_eq!(bearer(&auth).as_deref(), Some("Bearer given"));
    assert!(auth.take_updates().is_empty());
    let sent = auth.apply(&mut get(URL)).unwrap();
    assert!(auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    let wanted = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "rt-1"),
        ("client_id", "id-1"),
        ("client_secret", "hush-hush"),
    ];
    assert_eq!(form(&provider.one()), members(&wanted));
    assert_eq!(bearer(&auth).as_deref(), Some("Bearer at-1"));
    let updates: Vec<(String, String)> =
        auth.take_updates().into_iter().map(|(name, value)| (name, value.expose().clone())).collect();
    assert_eq!(
        updates,
        [("access_token".to_owned(), "at-1".to_owned()), ("refresh_token".to_owned(), "rt-2".to_owned())]
    );
    assert!(auth.take_updates().is_empty());
    // The next refresh uses the new one.
    provider.add(Ok(ok(json!({"access_token": "at-2"}))));
    provider.pass(100);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(form(&provider.one())["refresh_token"], "rt-2");
    // A token that is not replaced, or given again, is kept, and is no news.
    let refused = answer(401, "");
    for next in [json!({"access_token": "at-3", "refresh_token": "rt-2"}), json!({"access_token": "at-4"})] {
        let names: Vec<String> = auth.take_updates().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["access_token"]);
        assert_eq!(auth.value("refresh_token").as_deref(), Some("rt-2"));
        provider.add(Ok(ok(next)));
        let sent = auth.apply(&mut get(URL)).unwrap();
        assert!(auth.challenged(sent, &refused, &provider).await.unwrap());
    }
    assert_eq!(auth.take_updates().len(), 1);
}

#[tokio::test]
async fn a_refused_token_without_a_way_to_renew_it_stays_refused() {
    let provider = Provider::new([]);
    for given in [
        &[("access_token", "given")][..],
        &[("access_token", "given"), ("refresh_token", "rt-1")],
        &[("access_token", "given"), ("client_id", "i")],
    ] {
        let auth = sign_in(code_grant(), given);
        let sent = auth.apply(&mut get(URL)).unwrap();
        assert!(!auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    }
    let auth = sign_in(
        json!({"oauth2": {"token": "https://login.example.com/token", "refresh": false}}),
        &[("access_token", "given"), ("refresh_token", "rt-1"), ("client_id", "i")],
    );
    let sent = auth.apply(&mut get(URL)).unwrap();
    assert!(!auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    assert!(provider.seen().is_empty());
}

#[tokio::test]
async fn nothing_to_sign_in_with_is_said() {
    let provider = Provider::new([]);
    let fault = sign_in(code_grant(), &[]).prepare(&provider).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Credential);
    assert!(fault.hint.unwrap().contains("refresh_token"));
    let fault = sign_in(code_grant(), &[("refresh_token", "rt-1")]).prepare(&provider).await.unwrap_err();
    assert_eq!(fault.message, "the credential lacks `client_id`");
}

/// A request before the sign-in must not go out without its token.
#[test]
fn no_token_is_no_anonymous_request() {
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    assert_eq!(auth.apply(&mut get(URL)).unwrap_err().kind, FaultKind::Credential);
}

#[tokio::test]
async fn requests_at_the_same_time_share_one_sign_in() {
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([ok(json!({"access_token": "at-1"})), ok(json!({"access_token": "at-2"}))]);
    let all = futures_util::future::join_all((0..20).map(|_| auth.prepare(&provider))).await;
    assert!(all.into_iter().all(|outcome| outcome.is_ok()));
    assert_eq!(provider.seen().len(), 1);
    // All of them are refused with the same token: one renewal, and all are sent once more.
    let sent = auth.apply(&mut get(URL)).unwrap();
    let refused = answer(401, "");
    let all = futures_util::future::join_all((0..20).map(|_| auth.challenged(sent, &refused, &provider))).await;
    assert!(all.into_iter().all(|outcome| outcome.unwrap()));
    assert_eq!(provider.seen().len(), 1);
    assert_eq!(bearer(&auth).as_deref(), Some("Bearer at-2"));
}

/// RFC 6749, section 5.2.
#[tokio::test]
async fn a_refusal_says_what_the_provider_said() {
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([
        answer(401, r#"{"error":"invalid_client","error_description":"hush-hush is wrong"}"#),
        ok(json!({"access_token": "at-1"})),
    ]);
    let all = futures_util::future::join_all((0..5).map(|_| auth.prepare(&provider))).await;
    for fault in all.into_iter().map(Result::unwrap_err) {
        assert_eq!(fault.kind, FaultKind::Credential);
        assert_eq!(fault.status, Some(401));
        assert_eq!(fault.code.as_deref(), Some("invalid_client"));
        assert_eq!(fault.message, "`login.example.com` refused to give a token (401)");
        assert_eq!(fault.provider_said.as_deref(), Some("[redacted] is wrong"));
        assert_eq!(fault.hint.as_deref(), Some("check `client_id` and `client_secret`"));
    }
    // Five waited, one asked; after a while it is worth asking again.
    assert_eq!(provider.seen().len(), 1);
    provider.pass(60);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(bearer(&auth).as_deref(), Some("Bearer at-1"));
}

#[tokio::test]
async fn a_refused_refresh_says_to_connect_again() {
    let auth =
        sign_in(code_grant(), &[("access_token", "given"), ("refresh_token", "rt-secret"), ("client_id", "id-1")]);
    let provider = Provider::new([answer(
        400,
        r#"{"error":"invalid_grant","error_description":"Token rt-secret has been revoked."}"#,
    )]);
    let sent = auth.apply(&mut get(URL)).unwrap();
    let fault = auth.challenged(sent, &answer(401, ""), &provider).await.unwrap_err();
    assert_eq!(fault.message, "`login.example.com` refused to refresh the token (400)");
    assert_eq!(fault.provider_said.as_deref(), Some("Token [redacted] has been revoked."));
    assert!(fault.hint.unwrap().contains("connect the account again"));
}

#[tokio::test]
async fn faults_of_the_moment_are_not_remembered() {
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([answer(503, ""), answer(429, "")]);
    provider.add(Err(Fault::new(FaultKind::ProviderDown, "no connection")));
    provider.add(Ok(ok(json!({"access_token": "at-1"}))));
    assert_eq!(auth.prepare(&provider).await.unwrap_err().kind, FaultKind::ProviderDown);
    assert_eq!(auth.prepare(&provider).await.unwrap_err().kind, FaultKind::Throttled);
    assert_eq!(auth.prepare(&provider).await.unwrap_err().message, "no connection");
    auth.prepare(&provider).await.unwrap();
}

#[tokio::test]
async fn an_error_with_success_is_a_refusal() {
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([ok(json!({"ok": false, "error": "bad_client_secret"}))]);
    let fault = auth.prepare(&provider).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Credential);
    assert_eq!(fault.code.as_deref(), Some("bad_client_secret"));
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([answer(200, "<html><title>Sign in</title>")]);
    let fault = auth.prepare(&provider).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::UnexpectedShape);
    assert_eq!(fault.provider_said.as_deref(), Some("an HTML page: Sign in"));
}

#[tokio::test]
async fn the_answers_url_is_a_value() {
    let auth = sign_in(client_credentials(json!({"instance_url": ".instance_url"})), &CLIENT);
    let provider = Provider::new([ok(json!({"access_token": "at-1", "instance_url": "https://i.example.com"}))]);
    assert_eq!(auth.value("instance_url"), None);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(auth.value("instance_url").as_deref(), Some("https://i.example.com"));
}

#[tokio::test]
async fn the_entry_may_say_where_the_token_goes() {
    let provider = Provider::new((0..3).map(|_| ok(json!({"access_token": "at-1"}))));
    let entry = |more: Value| {
        let mut entry = client_credentials(json!({}));
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sign_in(entry, &CLIENT)
    };
    let auth = entry(json!({"header": {"X-Token": "{access_token}"}}));
    auth.prepare(&provider).await.unwrap();
    let request = applied(&auth, get(URL));
    assert_eq!(request.headers, [("X-Token".to_owned(), "at-1".to_owned())]);
    let auth = entry(json!({"query": {"token": "{access_token}"}}));
    auth.prepare(&provider).await.unwrap();
    assert!(applied(&auth, get(URL)).headers.is_empty());
    // A header about something else does not take the token's place.
    let auth = entry(json!({"header": {"X-Version": "2"}}));
    auth.prepare(&provider).await.unwrap();
    assert_eq!(bearer(&auth).as_deref(), Some("Bearer at-1"));
}

#[tokio::test]
async fn what_the_session_finds_can_be_used() {
    let mut entry = client_credentials(json!({}));
    entry["header"] = json!({"X-Cloud": "{cloud_id}"});
    let auth = sign_in(entry, &CLIENT);
    auth.prepare(&Provider::new([ok(json!({"access_token": "at-1"}))])).await.unwrap();
    assert_eq!(header(&applied(&auth, get(URL)), "X-Cloud"), None);
    auth.learn("cloud_id", "c-9".to_owned());
    assert_eq!(auth.value("cloud_id").as_deref(), Some("c-9"));
    assert_eq!(header(&applied(&auth, get(URL)), "X-Cloud").as_deref(), Some("c-9"));
}

/// The engine runs listings on a runtime with threads.
#[test]
fn its_futures_can_move_between_threads() {
    fn can_move<T: Send>(_: T) {}
    let auth = sign_in(client_credentials(json!({})), &CLIENT);
    let provider = Provider::new([]);
    can_move(auth.prepare(&provider));
    can_move(auth.exchange_code("", "", None, &provider));
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&auth);
}
