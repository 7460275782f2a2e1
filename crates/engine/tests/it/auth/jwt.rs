//! Signed assertions, checked with the public key.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rollcall_connector::request::{RequestBody, Verb};
use rollcall_engine::auth::Authenticator;
use rollcall_engine::fault::FaultKind;
use serde_json::{Value, json};

use super::keys;
use super::provider::{Provider, START, answer, applied, form, get, header, ok, sign_in};

const URL: &str = "https://api.example.com/v1/users";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn verified(token: &str, algorithm: Algorithm, key: &DecodingKey) -> (jsonwebtoken::Header, Value) {
    let mut validation = Validation::new(algorithm);
    // The tests' clock is not the machine's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let data = jsonwebtoken::decode::<Value>(token, key, &validation).unwrap();
    (data.header, data.claims)
}

async fn token(auth: &Authenticator) -> String {
    auth.prepare(&Provider::new([])).await.unwrap();
    let bearer = header(&applied(auth, get(URL)), "Authorization").unwrap();
    bearer.strip_prefix("Bearer ").unwrap().to_owned()
}

fn plain(algorithm: &str) -> Value {
    json!({"jwt": {"algorithm": algorithm, "key": "{private_key}", "key_id": "{key_id}", "lifetime_seconds": 600, "claims": {"iss": "{app}", "aud": ["a", "{app}"], "admin": true, "none": "{missing}"}}})
}

#[tokio::test]
async fn rsa_keys_are_read_in_both_wrappings_and_with_folded_lines() {
    let keys = keys::rsa();
    let folded = keys.pkcs8.replace('\n', " ");
    let escaped = keys.pkcs8.replace('\n', "\\n");
    let windows = keys.pkcs1.replace('\n', "\r\n");
    for (algorithm, name) in [(Algorithm::RS256, "RS256"), (Algorithm::RS512, "RS512"), (Algorithm::PS256, "PS256")] {
        for pem in [&keys.pkcs8, &keys.pkcs1, &folded, &escaped, &windows] {
            let auth = sign_in(plain(name), &[("private_key", pem), ("key_id", "k-7"), ("app", "app-1")]);
            let (header, claims) = verified(&token(&auth).await, algorithm, &keys.public);
            assert_eq!(header.kid.as_deref(), Some("k-7"));
            // A little before now, for the provider's clock may be behind.
            assert_eq!(
                claims,
                json!({"iat": START - 30, "exp": START + 570, "iss": "app-1", "aud": ["a", "app-1"], "admin": true})
            );
        }
    }
}

#[tokio::test]
async fn elliptic_keys_are_read_in_both_wrappings() {
    let keys = keys::elliptic();
    let with_parameters =
        format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{}", keys.sec1);
    for pem in [&keys.pkcs8, &keys.sec1, &with_parameters] {
        let auth = sign_in(plain("ES256"), &[("private_key", pem), ("app", "app-1")]);
        let (header, claims) = verified(&token(&auth).await, Algorithm::ES256, &keys.public);
        assert_eq!(header.kid, None);
        assert_eq!(claims["iss"], "app-1");
    }
}

#[tokio::test]
async fn a_shared_secret_signs_as_it_is() {
    let auth = sign_in(plain("HS256"), &[("private_key", "a shared secret"), ("app", "app-1")]);
    let (_, claims) = verified(&token(&auth).await, Algorithm::HS256, &DecodingKey::from_secret(b"a shared secret"));
    assert_eq!(claims["admin"], true);
}

#[tokio::test]
async fn claims_win_over_what_is_set_anyway_and_may_be_unique() {
    let entry =
        json!({"jwt": {"algorithm": "HS256", "key": "{k}", "claims": {"iat": 5, "jti": "{nonce}", "day": "{today}"}}});
    let key = DecodingKey::from_secret(b"secret");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (_, claims) = verified(&token(&sign_in(entry.clone(), &[("k", "secret")])).await, Algorithm::HS256, &key);
        assert_eq!(claims["iat"], 5);
        assert_eq!(claims["day"], "2027-01-15");
        ids.push(claims["jti"].as_str().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn an_assertion_is_made_anew_before_it_ends() {
    let auth = sign_in(plain("HS256"), &[("private_key", "a shared secret"), ("app", "app-1")]);
    let provider = Provider::new([]);
    auth.prepare(&provider).await.unwrap();
    let first = auth.value("access_token");
    provider.pass(509);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(auth.value("access_token"), first);
    provider.pass(1);
    auth.prepare(&provider).await.unwrap();
    assert_ne!(auth.value("access_token"), first);
}

#[tokio::test]
async fn a_young_assertion_that_is_refused_is_not_made_again() {
    let auth = sign_in(plain("HS256"), &[("private_key", "a shared secret"), ("app", "app-1")]);
    let provider = Provider::new([]);
    auth.prepare(&provider).await.unwrap();
    let sent = auth.apply(&mut get(URL)).unwrap();
    provider.pass(59);
    assert!(!auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    provider.pass(1);
    assert!(auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
}

#[tokio::test]
async fn a_key_file_signs_and_names() {
    let keys = keys::rsa();
    let file = json!({"type": "service_account", "private_key": keys.pkcs8, "private_key_id": "kid-3", "client_email": "robot@example.com"}).to_string();
    let entry = json!({"jwt": {
        "algorithm": "RS256", "key_file": "{service_account}",
        "claims": {"iss": "{service_account.client_email}", "sub": "{admin}", "scope": "read", "aud": "https://login.example.com/token"},
        "exchange": {"token": "https://login.example.com/token", "grant": GRANT},
    }});
    let auth = sign_in(entry, &[("service_account", &file), ("admin", "ada@example.com")]);
    let provider = Provider::new([ok(json!({"access_token": "at-1", "expires_in": 3599}))]);
    auth.prepare(&provider).await.unwrap();
    let request = provider.one();
    assert_eq!((request.verb, request.url.as_str()), (Verb::Post, "https://login.example.com/token"));
    assert_eq!(header(&request, "Authorization"), None);
    let form = form(&request);
    assert_eq!(form.len(), 2);
    assert_eq!(form["grant_type"], GRANT);
    let (head, claims) = verified(&form["assertion"], Algorithm::RS256, &keys.public);
    assert_eq!(head.kid.as_deref(), Some("kid-3"));
    let wanted = json!({"iat": START - 30, "exp": START + 3570, "iss": "robot@example.com", "sub": "ada@example.com", "scope": "read", "aud": "https://login.example.com/token"});
    assert_eq!(claims, wanted);
    assert_eq!(header(&applied(&auth, get(URL)), "Authorization").as_deref(), Some("Bearer at-1"));
    assert_eq!(auth.value("service_account.client_email").as_deref(), Some("robot@example.com"));
    assert!(auth.secrets().contains(&keys.pkcs8));
}

#[tokio::test]
async fn an_app_installation_is_asked_with_the_assertion_as_bearer() {
    let keys = keys::rsa();
    let entry = json!({"jwt": {
        "algorithm": "RS256", "key": "{private_key}", "claims": {"iss": "{app_id}"}, "lifetime_seconds": 540,
        "exchange": {"token": "{api_url}/app/installations/{installation_id}/access_tokens", "token_path": ".token"},
    }});
    let auth = sign_in(
        entry,
        &[
            ("private_key", &keys.pkcs1),
            ("app_id", "12"),
            ("api_url", "https://api.example.com/api/v3"),
            ("installation_id", "77"),
        ],
    );
    let provider =
        Provider::new([1, 2].map(|n| {
            answer(201, json!({"token": format!("at-{n}"), "expires_at": "2027-01-15T09:00:00Z"}).to_string())
        }));
    auth.prepare(&provider).await.unwrap();
    let request = provider.one();
    assert_eq!(request.url, "https://api.example.com/api/v3/app/installations/77/access_tokens");
    assert_eq!(request.body, RequestBody::None);
    let bearer = header(&request, "Authorization").unwrap();
    let (_, claims) = verified(bearer.strip_prefix("Bearer ").unwrap(), Algorithm::RS256, &keys.public);
    assert_eq!(claims["iss"], "12");
    assert_eq!(header(&applied(&auth, get(URL)), "Authorization").as_deref(), Some("Bearer at-1"));
    // The token's own end counts, an hour here, not the assertion's nine minutes.
    provider.pass(3539);
    auth.prepare(&provider).await.unwrap();
    assert!(provider.seen().is_empty());
    provider.pass(1);
    auth.prepare(&provider).await.unwrap();
    assert_eq!(provider.seen().len(), 1);
}

/// RFC 7523, section 2.2: the assertion signs the client in.
#[tokio::test]
async fn an_assertion_may_travel_under_another_name() {
    let entry = json!({"jwt": {
        "algorithm": "HS256", "key": "{k}",
        "exchange": {"token": "https://login.example.com/token", "grant": "client_credentials", "extra": {"scope": "read", "client_assertion": "{assertion}"}},
    }});
    let auth = sign_in(entry, &[("k", "secret")]);
    let provider = Provider::new([ok(json!({"access_token": "at-1"}))]);
    auth.prepare(&provider).await.unwrap();
    let form = form(&provider.one());
    assert_eq!(form.keys().collect::<Vec<_>>(), ["client_assertion", "grant_type", "scope"]);
    verified(&form["client_assertion"], Algorithm::HS256, &DecodingKey::from_secret(b"secret"));
}

#[tokio::test]
async fn a_refused_assertion_is_not_repeated() {
    let entry =
        json!({"jwt": {"algorithm": "HS256", "key": "{k}", "exchange": {"token": "https://login.example.com/token"}}});
    let auth = sign_in(entry, &[("k", "secret")]);
    let provider = Provider::new([]);
    // The provider quotes a text that looks like the assertion's beginning.
    provider.add(Ok(answer(401, r#"{"message":"A JSON web token could not be decoded"}"#)));
    let fault = auth.prepare(&provider).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Credential);
    assert_eq!(fault.message, "`login.example.com` refused to exchange the signed assertion (401)");
    assert_eq!(fault.provider_said.as_deref(), Some("A JSON web token could not be decoded"));
}

#[tokio::test]
async fn a_key_that_is_none_is_said_without_repeating_it() {
    let elliptic = keys::elliptic();
    let rsa = keys::rsa();
    let encrypted = keys::pem("ENCRYPTED PRIVATE KEY", b"xxxx");
    let cases: [(&str, &str, &str); 6] = [
        ("RS256", "top-secret-nonsense", "PEM key"),
        ("RS256", &elliptic.pkcs8, "RSA key"),
        ("ES256", &rsa.pkcs8, "elliptic curve key"),
        ("ES384", &elliptic.pkcs8, "elliptic curve key"),
        ("RS256", &encrypted, "encrypted"),
        ("RS256", "-----BEGIN RSA PRIVATE KEY-----\nbm9uZQ==\n-----END RSA PRIVATE KEY-----", "RSA key"),
    ];
    for (algorithm, key, says) in cases {
        let auth = sign_in(plain(algorithm), &[("private_key", key), ("app", "app-1")]);
        let fault = auth.prepare(&Provider::new([])).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Credential);
        assert!(fault.message.contains(says), "{fault}");
        assert!(fault.hint.is_some());
        assert!(!format!("{fault:?}").contains("top-secret"));
    }
    for (file, says) in
        [("nonsense-secret", "not a JSON object"), ("{\"client_email\":\"nonsense-secret\"}", "no `private_key`")]
    {
        let auth = sign_in(json!({"jwt": {"algorithm": "RS256", "key_file": "{file}"}}), &[("file", file)]);
        let fault = auth.prepare(&Provider::new([])).await.unwrap_err();
        assert!(fault.message.contains(says), "{fault}");
        assert!(!format!("{fault:?}").contains("nonsense-secret"));
    }
}
