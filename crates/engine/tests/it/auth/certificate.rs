//! Mutual TLS beside another credential.

use serde_json::json;

use super::provider::{applied, get, header, sign_in};

#[test]
fn the_pair_is_given_with_its_line_breaks() {
    let entry = json!({
        "client_certificate": {"certificate": "{certificate}", "private_key": "{key}"},
        "header": {"X-Key": "{token}"},
    });
    let auth = sign_in(entry.clone(), &[("certificate", "-----BEGIN\\nA"), ("key", "B\r\nC"), ("token", "t1")]);
    assert_eq!(auth.client_certificate(), Some(("-----BEGIN\nA".to_owned(), "B\nC".to_owned())));
    assert_eq!(header(&applied(&auth, get("https://api.example.com/")), "X-Key").as_deref(), Some("t1"));
    // A certificate without its key is none.
    assert_eq!(sign_in(entry, &[("certificate", "A"), ("token", "t1")]).client_certificate(), None);
    assert_eq!(sign_in(json!({"none": {}}), &[]).client_certificate(), None);
}
