//! Which addresses may be called.

use std::net::IpAddr;

use rollcall_connector::hosts::HostPattern;
use rollcall_engine::transport::NetworkPolicy;
use rollcall_engine::transport::guard::is_public;
use serde_json::json;
use url::Url;

use crate::provider::{World, answer, ok, users};

#[test]
fn private_addresses_are_private() {
    for text in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "198.18.0.1",
        "192.0.0.1",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
        "ff02::1",
        "2001::1",
    ] {
        let address: IpAddr = text.parse().expect(text);
        assert!(!is_public(address), "{text}");
    }
    for text in ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"] {
        let address: IpAddr = text.parse().expect(text);
        assert!(is_public(address), "{text}");
    }
}

#[test]
fn only_declared_hosts_over_https() {
    let policy = NetworkPolicy {
        hosts: vec![HostPattern::new("*.acme.example"), HostPattern::new("10.0.0.1")],
        private: vec!["intranet.local".to_owned(), "127.0.0.1".to_owned()],
        ports: vec![
            ("intranet.local".to_owned(), 80),
            ("127.0.0.1".to_owned(), 8080),
            ("api.acme.example".to_owned(), 8443),
        ],
    };
    for (text, allowed) in [
        ("https://api.acme.example/x", true),
        ("https://acme.example/x", false),
        ("https://api.acme.example.evil.example/", false),
        ("http://api.acme.example/", false),
        ("https://evil.example/", false),
        ("https://user:pass@api.acme.example/", false),
        ("ftp://api.acme.example/", false),
        ("https://10.0.0.1/", false),
        ("http://intranet.local/", true),
        ("http://127.0.0.1:8080/", true),
        ("http://127.0.0.1:8081/", false),
        ("https://127.0.0.1/", false),
        ("https://intranet.local/", false),
        ("https://api.acme.example:8443/", true),
        ("https://api.acme.example:22/", false),
        ("https://169.254.169.254/latest/meta-data", false),
        ("https://[::1]/", false),
    ] {
        let url = Url::parse(text).expect(text);
        assert_eq!(policy.check_url(&url).is_ok(), allowed, "{text}: {:?}", policy.check_url(&url));
    }
    let private: IpAddr = "10.0.0.9".parse().expect("an address");
    assert!(
        policy.check_address("api.acme.example", private).is_err(),
        "a declared name that resolves to a private address"
    );
    assert!(policy.check_address("intranet.local", private).is_ok());
}

#[test]
fn redirects_stay_on_declared_hosts() {
    let world = World::new(&users("{none: {}}"), |wire, _| match wire.url.path() {
        "/v1/users" => answer(302, &[("location", "/v2/users")], ""),
        _ => ok(json!({"users": [{"id": 1}]})),
    });
    assert_eq!(world.users().expect("followed").0.len(), 1);
    let world =
        World::new(&users("{none: {}}"), |_, _| answer(302, &[("location", "https://login.evil.example/")], ""));
    assert!(world.users().is_err());
    assert_eq!(world.asked().len(), 1, "the other host was not called");
    let world = World::new(&users("{none: {}}"), |_, _| answer(302, &[("location", "/v1/users")], ""));
    assert!(world.users().expect_err("a circle").message.contains("again and again"));
}
