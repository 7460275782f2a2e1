//! Signatures over the serialised request.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use rollcall_engine::auth::Authenticator;
use rollcall_engine::fault::FaultKind;
use rollcall_engine::transport::Wire;
use serde_json::json;

use super::provider::{Provider, answer, get, sign_in, wire, wire_header, with_headers};

const URL: &str = "https://api.example.com/v1/users?limit=2";

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn signed(auth: &Authenticator, mut wire: Wire, now: SystemTime) -> Wire {
    auth.sign(&mut wire, now).unwrap();
    assert!(wire.headers.get("authorization").is_none_or(http::HeaderValue::is_sensitive));
    wire
}

/// 2015-08-30T12:36:00Z, the moment of AWS's examples.
const AWS_TIME: u64 = 1_440_938_160;

fn aws(service: &str) -> Authenticator {
    let entry = json!({"sigv4": {"service": "{service}", "region": "{region}", "access_key": "{id}", "secret_key": "{secret}", "session_token": "{session}"}});
    let given = [
        ("service", service),
        ("region", "us-east-1"),
        ("id", "AKIDEXAMPLE"),
        ("secret", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    ];
    sign_in(entry, &given)
}

fn aws_signature(service: &str, wire: Wire) -> (String, String) {
    let wire = signed(&aws(service), wire, at(AWS_TIME));
    assert_eq!(wire_header(&wire, "x-amz-date").as_deref(), Some("20150830T123600Z"));
    let header = wire_header(&wire, "authorization").unwrap();
    let scope = format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, ");
    let rest = header.strip_prefix(&scope).unwrap_or_else(|| panic!("{header}"));
    let (headers, signature) = rest.split_once(", ").unwrap();
    (
        headers.strip_prefix("SignedHeaders=").unwrap().to_owned(),
        signature.strip_prefix("Signature=").unwrap().to_owned(),
    )
}

/// AWS General Reference, "Signing AWS requests": listing users of IAM.
#[test]
fn sigv4_signs_as_the_reference() {
    let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08";
    let (headers, signature) = aws_signature("iam", wire(Method::GET, url, &[form, ("accept", "*/*")], ""));
    assert_eq!(headers, "content-type;host;x-amz-date");
    assert_eq!(signature, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/// The public test suite of Signature Version 4: get-vanilla, get-vanilla-query-order-key-case, post-x-www-form-urlencoded.
#[test]
fn sigv4_passes_the_test_suite() {
    let host = "https://example.amazonaws.com/";
    let (_, signature) = aws_signature("service", wire(Method::GET, host, &[], ""));
    assert_eq!(signature, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    let (_, signature) =
        aws_signature("service", wire(Method::GET, &format!("{host}?Param2=value2&Param1=value1"), &[], ""));
    assert_eq!(signature, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let (_, signature) = aws_signature("service", wire(Method::POST, host, &form, "Param1=value1"));
    assert_eq!(signature, "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

#[test]
fn sigv4_sends_and_signs_the_session_token_and_sums_bodies_for_s3_only() {
    let entry = json!({"sigv4": {"service": "s3", "region": "eu-west-1", "access_key": "{id}", "secret_key": "{secret}", "session_token": "{session}"}});
    let auth = sign_in(entry, &[("id", "AKIDEXAMPLE"), ("secret", "s3cr3t"), ("session", "tok-1")]);
    let wire =
        signed(&auth, wire(Method::GET, "https://b.s3.eu-west-1.amazonaws.com/a//b?x=%2F+y", &[], ""), at(AWS_TIME));
    assert_eq!(wire_header(&wire, "x-amz-security-token").as_deref(), Some("tok-1"));
    assert!(
        wire_header(&wire, "authorization")
            .unwrap()
            .contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,")
    );
    assert!(!format!("{wire:?}").contains("tok-1"));
}

#[test]
fn sigv4_follows_the_clock() {
    let request = || wire(Method::GET, URL, &[], "");
    let header = |now| wire_header(&signed(&aws("iam"), request(), now), "authorization").unwrap();
    assert_eq!(header(at(AWS_TIME)), header(at(AWS_TIME)));
    assert_ne!(header(at(AWS_TIME)), header(at(AWS_TIME + 1)));
}

fn oauth1(more: &[(&str, &str)], signature: &str) -> Authenticator {
    let entry = json!({"oauth1": {
        "consumer_key": "{ck}", "consumer_secret": "{cs}", "token": "{t}", "token_secret": "{ts}", "signature": signature, "realm": "{account}",
    }});
    let mut given = vec![("ck", "ck-1"), ("cs", "cs&1")];
    given.extend(more);
    sign_in(entry, &given)
}

fn parameters(header: &str) -> BTreeMap<String, String> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('"').to_owned())
    };
    header.strip_prefix("OAuth ").unwrap().split(", ").map(pair).collect()
}

#[test]
fn oauth1_headers_have_what_the_standard_asks_for() {
    let auth = oauth1(&[("t", "t-1"), ("ts", "ts-1"), ("account", "1234567_SB1")], "HMAC-SHA256");
    let header =
        || wire_header(&signed(&auth, wire(Method::GET, URL, &[], ""), at(1_800_000_000)), "authorization").unwrap();
    let (one, two) = (parameters(&header()), parameters(&header()));
    let names: Vec<&str> = one.keys().map(String::as_str).collect();
    let wanted = [
        "oauth_consumer_key",
        "oauth_nonce",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_timestamp",
        "oauth_token",
        "oauth_version",
        "realm",
    ];
    assert_eq!(names, wanted);
    assert_eq!(one["oauth_timestamp"], "1800000000");
    assert_eq!(one["oauth_signature_method"], "HMAC-SHA256");
    assert_eq!(one["realm"], "1234567_SB1");
    assert_ne!(one["oauth_nonce"], two["oauth_nonce"]);
    assert_ne!(one["oauth_signature"], two["oauth_signature"]);
}

/// The signature is checked with another library's key material and our own words of the standard.
#[test]
fn oauth1_signatures_can_be_checked_by_the_other_side() {
    let auth = oauth1(&[], "HMAC-SHA1");
    let wire =
        signed(&auth, wire(Method::GET, "https://api.example.com/a%20b?z=1&a=%C3%BC", &[], ""), at(1_800_000_000));
    let found = parameters(&wire_header(&wire, "authorization").unwrap());
    assert!(!found.contains_key("oauth_token") && !found.contains_key("realm"));
    let joined = format!(
        "a=%C3%BC&oauth_consumer_key=ck-1&oauth_nonce={}&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1800000000&oauth_version=1.0&z=1",
        found["oauth_nonce"]
    );
    let encode = rollcall_connector::template::percent_encode;
    let base = format!("GET&{}&{}", encode("https://api.example.com/a%20b"), encode(&joined));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"cs%261&");
    let signature = STANDARD.encode(aws_lc_rs::hmac::sign(&key, base.as_bytes()));
    assert_eq!(found["oauth_signature"], encode(&signature));
}

#[tokio::test]
async fn digest_answers_the_challenge_and_counts() {
    let auth = sign_in(json!({"digest": {"username": "{u}", "password": "{p}"}}), &[("u", "ada"), ("p", "pass-word")]);
    let provider = Provider::new([]);
    let request = || wire(Method::GET, URL, &[], "");
    // Before a challenge there is nothing to answer.
    assert_eq!(wire_header(&signed(&auth, request(), at(0)), "authorization"), None);
    let sent = auth.apply(&mut get(URL)).unwrap();
    let challenge = |nonce: &str| {
        let strong = format!(r#"Digest realm="r", nonce="{nonce}", algorithm=SHA-256, qop="auth""#);
        let weak = format!(r#"Basic realm="r", Digest realm="r", nonce="{nonce}-weak", algorithm=MD5, qop="auth""#);
        with_headers(answer(401, ""), &[("www-authenticate", &weak), ("www-authenticate", &strong)])
    };
    assert!(auth.challenged(sent, &challenge("n1"), &provider).await.unwrap());
    let header = || wire_header(&signed(&auth, request(), at(0)), "authorization").unwrap();
    let (one, two) = (header(), header());
    assert!(
        one.starts_with(r#"Digest username="ada", realm="r", nonce="n1", uri="/v1/users?limit=2", response=""#),
        "{one}"
    );
    assert!(one.contains("algorithm=SHA-256, qop=auth, nc=00000001"), "{one}");
    assert!(two.contains("nc=00000002"), "{two}");
    assert!(!one.contains("pass-word"));
    // A new nonce begins a new count.
    assert!(auth.challenged(sent, &challenge("n2"), &provider).await.unwrap());
    assert!(header().contains(r#"nonce="n2""#));
    assert!(header().contains("nc=00000002"));
    // No challenge, or one that is not known, is not worth another try.
    assert!(!auth.challenged(sent, &answer(401, ""), &provider).await.unwrap());
    let basic = with_headers(answer(401, ""), &[("www-authenticate", "Basic realm=\"r\"")]);
    assert!(!auth.challenged(sent, &basic, &provider).await.unwrap());
    let odd =
        with_headers(answer(401, ""), &[("www-authenticate", r#"Digest realm="r", nonce="n", algorithm=FUTURE"#)]);
    assert_eq!(auth.challenged(sent, &odd, &provider).await.unwrap_err().kind, FaultKind::UnexpectedShape);
    assert!(provider.seen().is_empty());
}

/// Duo's Admin API, "Authentication": the documented example.
#[test]
fn hmac_signs_as_duo_documents() {
    let entry = json!({
        "hmac": {
            "algorithm": "sha1", "key": "{skey}", "message": "{date}\n{method}\n{host}\n{path}\n{params}",
            "encoding": "hex", "date": "rfc2822", "header": {"Date": "{date}"},
        },
        "basic": {"username": "{ikey}", "password": "{signature}"},
    });
    let auth =
        sign_in(entry, &[("ikey", "DIWJ8X6AEYOR5OMC6TQ1"), ("skey", "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep")]);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let request = wire(
        Method::POST,
        "https://api-XXXXXXXX.duosecurity.com/accounts/v1/account/list",
        &form,
        "realname=First%20Last&username=root",
    );
    let wire = signed(&auth, request, at(1_345_570_158));
    assert_eq!(wire_header(&wire, "date").as_deref(), Some("Tue, 21 Aug 2012 17:29:18 -0000"));
    let header = wire_header(&wire, "authorization").unwrap();
    let pair = String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap()).unwrap();
    assert_eq!(pair, "DIWJ8X6AEYOR5OMC6TQ1:2d97d6166319781b5a3a07af39d366f491234edc");
}

#[test]
fn hmac_signs_bodies_and_values_of_the_account() {
    let entry = json!({"hmac": {
        "algorithm": "sha256", "key": "{key}", "message": "{app}|{date}|{body}|{nonce}", "encoding": "base64", "date": "epoch",
        "header": {"X-Signature": "v1={signature}", "X-Nonce": "{nonce}", "X-Date": "{date}", "X-Org": "{org}"},
    }});
    let auth = sign_in(entry, &[("key", "key-1"), ("app", "app-1")]);
    let wire = signed(&auth, wire(Method::POST, URL, &[], "{\"a\":1}"), at(1_800_000_000));
    let nonce = wire_header(&wire, "x-nonce").unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"key-1");
    let tag = STANDARD.encode(aws_lc_rs::hmac::sign(&key, format!("app-1|1800000000|{{\"a\":1}}|{nonce}").as_bytes()));
    assert_eq!(wire_header(&wire, "x-signature"), Some(format!("v1={tag}")));
    assert_eq!(wire_header(&wire, "x-org"), None);
}
