//! Header, query, body and Basic credentials.

use std::time::{Duration, SystemTime};

use http::Method;
use rollcall_connector::request::{RequestBody, Verb};
use rollcall_engine::fault::FaultKind;
use serde_json::json;

use super::provider::{applied, get, header, sign_in, try_sign_in, wire, wire_header};

const URL: &str = "https://api.example.com/v1/users";

#[test]
fn headers_and_query_go_with_every_request() {
    let entry = json!({"label": "Key", "header": {"Authorization": "SSWS {token}", "X-Org": "{org}"}, "query": {"key": "{token}"}});
    let request = applied(&sign_in(entry, &[("token", "t1"), ("org", "o1")]), get(URL));
    assert_eq!(header(&request, "authorization").as_deref(), Some("SSWS t1"));
    assert_eq!(header(&request, "x-org").as_deref(), Some("o1"));
    assert_eq!(request.query, [("key".to_owned(), "t1".to_owned())]);
}

#[test]
fn a_part_whose_optional_value_is_not_given_is_left_out() {
    let entry = json!({"label": "Key", "header": {"X-Key": "{token}", "X-Org": "{org}"}, "query": {"team": "{team}"}});
    let request = applied(&sign_in(entry, &[("token", "t1")]), get(URL));
    assert_eq!(request.headers, [("X-Key".to_owned(), "t1".to_owned())]);
    assert!(request.query.is_empty());
}

#[test]
fn the_credential_wins_over_the_connectors_header() {
    let mut request = get(URL);
    request.headers.push(("authorization".to_owned(), "none".to_owned()));
    let request =
        applied(&sign_in(json!({"header": {"Authorization": "Bearer {token}"}}), &[("token", "t1")]), request);
    assert_eq!(header(&request, "Authorization").as_deref(), Some("Bearer t1"));
}

/// RFC 7617, section 2; and a key as the user name with an empty password.
#[test]
fn basic_is_the_standards() {
    let entry = json!({"basic": {"username": "{user}", "password": "{password}"}});
    let request = applied(&sign_in(entry, &[("user", "Aladdin"), ("password", "open sesame")]), get(URL));
    assert_eq!(header(&request, "Authorization").as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    let request = applied(&sign_in(json!({"basic": {"username": "{key}"}}), &[("key", "k")]), get(URL));
    assert_eq!(header(&request, "Authorization").as_deref(), Some("Basic azo="));
}

#[test]
fn a_user_name_that_is_missing_is_said() {
    let auth = sign_in(json!({"basic": {"username": "{user}", "password": "{password}"}}), &[("password", "p")]);
    let fault = auth.apply(&mut get(URL)).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Credential);
    assert_eq!(fault.message, "the credential lacks `user`");
}

#[test]
fn body_members_go_into_json_and_forms() {
    let auth = sign_in(json!({"body": {"api_token": "{token}"}}), &[("token", "t1")]);
    let mut request = get(URL);
    request.verb = Verb::Post;
    let plain = applied(&auth, request.clone());
    assert_eq!(plain.body, RequestBody::Json { value: json!({"api_token": "t1"}), content_type: None });
    request.body = RequestBody::Json { value: json!({"limit": 2}), content_type: None };
    let json = applied(&auth, request.clone());
    assert_eq!(json.body, RequestBody::Json { value: json!({"limit": 2, "api_token": "t1"}), content_type: None });
    request.body = RequestBody::Form(vec![("limit".to_owned(), "2".to_owned())]);
    let form = applied(&auth, request);
    let wanted = vec![("limit".to_owned(), "2".to_owned()), ("api_token".to_owned(), "t1".to_owned())];
    assert_eq!(form.body, RequestBody::Form(wanted));
}

/// Without its credential the request would be anonymous, and its answer perhaps shorter.
#[test]
fn a_request_without_a_place_for_the_credential_is_refused() {
    let auth = sign_in(json!({"body": {"api_token": "{token}"}}), &[("token", "t1")]);
    assert_eq!(auth.apply(&mut get(URL)).unwrap_err().kind, FaultKind::BadRequest);
    let mut text = get(URL);
    text.verb = Verb::Post;
    text.body = RequestBody::Text { text: "<x/>".to_owned(), content_type: "text/xml".to_owned() };
    assert_eq!(auth.apply(&mut text).unwrap_err().kind, FaultKind::BadRequest);
}

#[test]
fn a_pasted_line_break_is_refused_without_repeating_the_credential() {
    let auth = sign_in(json!({"header": {"X-Key": "{token}"}}), &[("token", "first-part\nsecond-part")]);
    let fault = auth.apply(&mut get(URL)).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Credential);
    assert!(fault.message.contains("line break"), "{fault}");
    assert!(!format!("{fault:?}").contains("-part"));
}

#[test]
fn a_header_with_the_time_is_made_in_each_attempt() {
    let auth = sign_in(json!({"header": {"X-Time": "{now}", "X-Key": "{token}"}}), &[("token", "t1")]);
    let request = applied(&auth, get(URL));
    assert_eq!(request.headers, [("X-Key".to_owned(), "t1".to_owned())]);
    let mut sent = wire(Method::GET, URL, &[], "");
    auth.sign(&mut sent, SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)).unwrap();
    assert_eq!(wire_header(&sent, "x-time").as_deref(), Some("2027-01-15T08:00:00Z"));
}

#[test]
fn kinds_that_exclude_each_other_are_a_mistake() {
    let oauth2 = json!({"token": "https://a.example.com/t"});
    let session = json!({"login": {"post": "/login"}});
    let fault = try_sign_in(json!({"oauth2": oauth2, "session": session}), &[("client_id", "c")]).unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadRequest);
    let fault = try_sign_in(json!({"header": {"X": "{"}}), &[]).unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadRequest);
}
