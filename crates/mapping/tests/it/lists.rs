//! Cases with a meaning of their own, each with what is counted.

use rollcall_mapping::{Inputs, Options, Scope, Scratch, Start, compile};
use rollcall_model::Model;
use serde_json::{Value, json};

/// What a record is mapped to, and what was counted.
fn map(fields: Value, record: &str) -> (String, Vec<String>) {
    map_with(fields, record, &Options { remote_data: false, ..Options::default() })
}

fn map_with(mut fields: Value, record: &str, options: &Options<'_>) -> (String, Vec<String>) {
    fields["id"] = json!(".id");
    let users = Model::user_directory().resource("users").unwrap();
    let plan = compile(users, &fields, &Scope { contexts: &["c"], tables: &[] }, options).unwrap();
    let (mut scratch, mut out) = (Scratch::new(), Vec::new());
    plan.map(record.as_bytes(), Start::default(), &Inputs::none(), &mut scratch, &mut out).unwrap();
    let report = scratch.take_report();
    let unmapped = report.unmapped().map(|u| format!("{}: `{}` unmapped {}", u.field, u.value, u.count));
    let unreadable = report.unreadable().map(|(field, count)| format!("{field}: unreadable {count}"));
    let dropped = report.dropped().map(|(field, count)| format!("{field}: dropped {count}"));
    (String::from_utf8(out).unwrap(), unmapped.chain(unreadable).chain(dropped).collect())
}

#[test]
fn a_list_that_is_empty_is_known_and_one_that_is_absent_is_not() {
    let groups = || json!({"groups": {"each": ".groups", "item": {"id": ".id"}, "where": {".old": {"not": true}}}});
    let out = |record| map(groups(), record).0;
    assert_eq!(out(r#"{"groups":[]}"#), r#"{"groups":[]}"#);
    assert_eq!(out(r#"{"groups":[{"id":1,"old":true}]}"#), r#"{"groups":[]}"#);
    assert_eq!(out(r#"{"groups":null}"#), "{}");
    assert_eq!(out("{}"), "{}");
    // Something is there, and nothing of it can be read: that is not an empty list.
    assert_eq!(map(groups(), r#"{"groups":[{"x":1},{}]}"#), ("{}".into(), vec!["groups: dropped 2".into()]));
    assert_eq!(map(groups(), r#"{"groups":"admins"}"#), ("{}".into(), vec!["groups: unreadable 1".into()]));
}

#[test]
fn items_without_their_key_are_dropped_and_repeated_ones_too() {
    let emails =
        json!({"emails": [{"email": ".a", "is_primary": true}, {"email": ".b"}, {"type": "work", "email": ".c"}]});
    assert_eq!(
        map(emails.clone(), r#"{"a":"x@example.com","b":"\u0078@example.com","c":"y@example.com"}"#).0,
        r#"{"emails":[{"email":"x@example.com","is_primary":true},{"email":"y@example.com","type":"work"}]}"#
    );
    assert_eq!(map(emails, r#"{"a":" ","b":null}"#), ("{}".into(), vec![]));
    // A role in one group is not that role in another.
    let roles = json!({"roles": {"concat": [{"each": ".r", "item": {"id": ".i", "name": ".n", "group": ".g"}}]}});
    assert_eq!(
        map(roles, r#"{"r":[{"i":1,"g":1},{"i":1,"g":2},{"i":"1","g":1},{"i":1},{"n":"1"}]}"#).0,
        r#"{"roles":[{"id":"1","group":"1"},{"id":"1","group":"2"},{"id":"1"},{"name":"1"}]}"#
    );
    // What the provider lists twice is listed twice.
    let each = json!({"emails": {"each": ".e", "item": {"email": "."}}});
    assert_eq!(map(each, r#"{"e":["a@b","a@b"]}"#).0, r#"{"emails":[{"email":"a@b"},{"email":"a@b"}]}"#);
}

#[test]
fn values_without_a_counterpart_are_counted_by_name() {
    let fields = json!({
        "status": {"from": ".s", "map": {"on": "active"}},
        "user_type": {"from": ".t", "map": {"boss": "admin", "none": null}},
        "is_2fa_enabled": ".f",
        "created_at": ".c"
    });
    let (out, counted) = map(fields.clone(), r#"{"s":"Paused","t":"guest","f":"maybe","c":"soon"}"#);
    assert_eq!(out, r#"{"status":"Paused"}"#);
    assert_eq!(
        counted,
        [
            "status: `Paused` unmapped 1",
            "user_type: `guest` unmapped 1",
            "is_2fa_enabled: unreadable 1",
            "created_at: unreadable 1"
        ]
    );
    let (out, counted) = map(fields, r#"{"s":"on","t":"none","f":"TRUE","c":"0001-01-01T00:00:00Z"}"#);
    assert_eq!((out.as_str(), counted.len()), (r#"{"status":"active","is_2fa_enabled":true}"#, 0));
}

#[test]
fn what_is_excluded_is_worked_out_but_not_written() {
    let exclude = ["id".to_owned(), "remote_data".to_owned()];
    let options = Options { exclude: &exclude, remote_data: true };
    assert_eq!(map_with(json!({"name": ".n"}), r#"{"id":1,"n":"N"}"#, &options).0, r#"{"name":"N"}"#);
    assert_eq!(map_with(json!({}), r#"{"id":1}"#, &options).0, "{}");
    let options = Options { exclude: &exclude[..1], remote_data: true };
    assert_eq!(map_with(json!({}), r#"{"id":1}"#, &options).0, r#"{"remote_data":{"id":1}}"#);
}

#[test]
fn the_record_of_the_provider_is_kept_byte_for_byte_but_on_one_line() {
    let with = |record| map_with(json!({}), record, &Options::default()).0;
    assert_eq!(
        with(r#"{"id":"a","n":1.50e+0,"x":"\/\u0061"}"#),
        r#"{"id":"a","remote_data":{"id":"a","n":1.50e+0,"x":"\/\u0061"}}"#
    );
    assert_eq!(
        with("{\r\n  \"id\": \"a  b\\\" \",\n\t\"l\": [ 1 , 2 ]\n}"),
        r#"{"id":"a  b\"","remote_data":{"id":"a  b\" ","l":[1,2]}}"#
    );
}

#[test]
fn texts_are_trimmed_as_they_read() {
    let name = |json: &str| map(json!({"name": ".n"}), &format!("{{\"n\":{json}}}")).0;
    assert_eq!(name(r#"" A ""#), r#"{"name":"A"}"#);
    assert_eq!(name(r#""\n A\u0020\t""#), r#"{"name":"A"}"#);
    assert_eq!(name("\"\u{3000}A\u{a0}\""), r#"{"name":"A"}"#);
    assert_eq!(name(r#""\u3000\u00a0""#), "{}");
    assert_eq!(name(r#""A \u0042 C. Doe""#), r#"{"name":"A \u0042 C. Doe"}"#, "kept as it came");
    assert_eq!(name(r#""\\n""#), r#"{"name":"\\n"}"#);
    assert_eq!(name(r#""\\\n""#), r#"{"name":"\\"}"#);
    assert_eq!(name("12345678901234567890.10"), r#"{"name":"12345678901234567890.10"}"#);
}

#[test]
fn lists_of_plain_values() {
    let languages = |record: &str| map(json!({"languages": ".l"}), record).0;
    assert_eq!(languages(r#"{"l":["en"," ",null,"de",1]}"#), r#"{"languages":["en","de","1"]}"#);
    assert_eq!(languages(r#"{"l":"en"}"#), r#"{"languages":["en"]}"#);
    assert_eq!(languages(r#"{"l":[]}"#), r#"{"languages":[]}"#);
    assert_eq!(languages(r#"{"l":{}}"#), r#"{"languages":[]}"#);
    assert_eq!(map(json!({"languages": [".a", ".b"]}), r#"{"a":"en","b":"en"}"#).0, r#"{"languages":["en"]}"#);
}

#[test]
fn of_members_with_one_name_the_last_counts() {
    let fields = json!({"name": ".a.b", "bio": ".a.c", "groups": {"each": ".g", "item": {"id": "."}}});
    assert_eq!(map(fields.clone(), r#"{"a":{"b":"1","c":"2"},"a":{"c":"3"}}"#).0, r#"{"bio":"3"}"#);
    assert_eq!(map(fields.clone(), r#"{"a":{"b":"1"},"a":2}"#).0, "{}");
    assert_eq!(map(fields, r#"{"g":[1,2],"\u0067":[3]}"#).0, r#"{"groups":[{"id":"3"}]}"#);
    let entries = json!({"groups": {"each": {"entries": ".g"}, "item": {"id": ".key", "name": ".value"}}});
    assert_eq!(
        map(entries, r#"{"g":{"a":"1","b":"2","a":"3"}}"#).0,
        r#"{"groups":[{"id":"a","name":"3"},{"id":"b","name":"2"}]}"#
    );
}
