//! Mapping allocates nothing once its buffers have grown, whichever expressions it is made of.

use rollcall_mapping::page::{Items, PagePlan};
use rollcall_mapping::{Found, Inputs, Options, Scope, Scratch, Table, Tables, compile};
use rollcall_model::Model;
use serde_json::json;

struct Roles;

impl Tables for Roles {
    fn find(&self, table: usize, key: &str) -> Found<'_> {
        match (table, key) {
            (0, "r1") => Found::Value(br#"{"name":"Administrator"}"#),
            (1, "u1") => Found::Value(br#"[{"id":"g1","name":"Gr\u00fcn"},{"id":"g2","name":"Blue"}]"#),
            _ => Found::Nothing,
        }
    }
}

#[test]
fn none_for_each_record() {
    let fields = json!({
        "id": ".id",
        "external_id": {"template": "x-{.id}-{$pass.state}"},
        "identifiers": {"number": ".number", "key": "$key"},
        "username": {"lower": ".login"},
        "name": {"first": [".display", {"join": [".first", ".last"]}]},
        "first_name": {"split": ".full", "on": " ", "take": 0},
        "last_name": {"split": ".full", "on": " ", "take": "rest"},
        "title": {"upper": ".title"},
        "bio": ".bio",
        "emails": {"concat": [
            {"each": ".emails", "where": {".old": {"not": true}}, "item": {"email": ".value", "is_primary": {"test": {".type": "main"}}}},
            [{"email": ".mail"}, {"email": ".mail", "type": "work"}]
        ]},
        "phones": [{"number": ".phone"}, {"number": ".mobile", "type": "mobile"}],
        "status": {"from": ".status", "map": {"on": "active", "off": "inactive"}},
        "user_type": {"cases": [{"when": {".admin": true}, "then": "admin"}, {"then": "user"}]},
        "is_2fa_enabled": {"not": ".weak"},
        "is_email_verified": {"from": {"find": ".emails", "where": {".type": "main"}, "take": ".state"}, "map": {"ok": true}},
        "roles": [{"id": ".role", "name": {"lookup": "roles", "key": ".role"}}],
        "groups": {"lookup": "memberships", "key": ".id"},
        "organizations": {"each": {"entries": ".orgs"}, "item": {"id": ".key", "name": ".value.name"}},
        "workspaces": {"each": {"split": ".spaces", "on": ","}, "item": {"name": "."}},
        "languages": ".languages",
        "created_at": ".created",
        "updated_at": {"date": ".updated", "unit": "milliseconds"},
        "last_login_at": ".login_at",
        "last_active_at": ".seen"
    });
    let record = r#"{"id":"u1","number":42,"login":"ADA@example.com","display":null,"first":"Ada","last":"Quill \u00e9","full":"Ada Q Quill",
        "title":"Engineer","bio":" line\none ","emails":[{"value":"ada@example.com","type":"main","state":"ok"},{"value":"old@example.com","old":true}],
        "mail":"ada@example.org","phone":null,"mobile":"+1-202-555-0101","status":"on","admin":true,"weak":0,"role":"r1",
        "orgs":{"o1":{"name":"One"},"o2":{"name":"Two"}},"spaces":"red, blue","languages":["en","Łódź"],
        "created":"2024-02-03T04:05:06.000Z","updated":1700000000123,"login_at":"2024-02-03 04:05:06+01:00","seen":1700000000}"#;
    let page = format!("{{\"users\": [{}], \"next\": \"p2\"}}", vec![record; 50].join(", ")).into_bytes();
    let tables = [
        Table { name: "roles", kept: &["name"], many: false },
        Table { name: "memberships", kept: &["id", "name"], many: true },
    ];
    let scope = Scope { contexts: &["key", "pass"], tables: &tables };
    let users = Model::user_directory().resource("users").unwrap();
    let plan = compile(users, &fields, &scope, &Options::default()).unwrap();
    let layout = PagePlan::compile(Items::List(".users"), &[".next"]).unwrap();
    let contexts = [Some(&b"\"k1\""[..]), Some(&br#"{"state":"current"}"#[..])];
    let inputs = Inputs { contexts: &contexts, tables: &Roles };
    let (mut scratch, mut out) = (Scratch::new(), Vec::new());
    let mut count = 0;
    let mut read = || {
        out.clear();
        let mut records = layout.read(&page);
        // The page itself keeps a few slots; its records nothing.
        let first = records.next().unwrap().unwrap();
        let mapped = plan.map(&page, first, &inputs, &mut scratch, &mut out).unwrap();
        records.resume(mapped.end);
        allocation_counter::measure(|| {
            while let Some(start) = records.next().unwrap() {
                let mapped = plan.map(&page, start, &inputs, &mut scratch, &mut out).unwrap();
                records.resume(mapped.end);
                count += 1;
            }
        })
    };
    read();
    let allocated = read();
    assert_eq!((allocated.count_total, allocated.bytes_total), (0, 0));
    assert_eq!(count, 98);
    let expected = concat!(
        r#"{"id":"u1","external_id":"x-u1-current","identifiers":{"number":"42","key":"k1"},"username":"ada@example.com","#,
        r#""name":"Ada Quill é","first_name":"Ada","last_name":"Q Quill","title":"ENGINEER","bio":"line\none","#,
        r#""emails":[{"email":"ada@example.com","is_primary":true},{"email":"ada@example.org"}],"#,
        r#""phones":[{"number":"+1-202-555-0101","type":"mobile"}],"status":"active","user_type":"admin","#,
        r#""is_2fa_enabled":true,"is_email_verified":true,"roles":[{"id":"r1","name":"Administrator"}],"#,
        r#""groups":[{"id":"g1","name":"Gr\u00fcn"},{"id":"g2","name":"Blue"}],"organizations":[{"id":"o1","name":"One"},"#,
        r#"{"id":"o2","name":"Two"}],"workspaces":[{"name":"red"},{"name":"blue"}],"languages":["en","Łódź"],"#,
        r#""created_at":"2024-02-03T04:05:06.000Z","updated_at":"2023-11-14T22:13:20.123Z","#,
        r#""last_login_at":"2024-02-03T03:05:06Z","last_active_at":"2023-11-14T22:13:20Z","remote_data":{"id":"u1","number":42"#
    );
    let written = std::str::from_utf8(&out).unwrap();
    assert_eq!(&written[..expected.len()], expected);
    assert!(scratch.report().is_empty());
}
