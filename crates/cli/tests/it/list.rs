//! `rollcall list` and `rollcall get` against a sandbox, in every format.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::run::Sandbox;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a record a line")).collect()
}

fn ids(records: &[Value]) -> BTreeSet<String> {
    records.iter().filter_map(|record| record.get("id")?.as_str().map(str::to_owned)).collect()
}

#[test]
fn every_format_has_everyone() {
    let sandbox = Sandbox::new("okta", 523, &[]);
    let ndjson = sandbox.okta(&["list", "users", "--format", "ndjson"]);
    assert_eq!(ndjson.code, 0, "{}", ndjson.stderr);
    let records = lines(&ndjson.stdout);
    let everyone = ids(&records);
    assert_eq!((records.len(), everyone.len()), (523, 523));
    assert!(records.iter().all(|record| record.get("remote_data").is_some()));
    assert!(ndjson.stderr.contains("523 users from okta: complete"), "{}", ndjson.stderr);

    let json: Vec<Value> =
        serde_json::from_str(&sandbox.okta(&["list", "users", "--format", "json"]).stdout).expect("an array");
    assert_eq!(ids(&json), everyone);

    let bare = lines(
        &sandbox.okta(&["list", "users", "--format", "ndjson", "--no-remote-data", "--exclude", "emails,name"]).stdout,
    );
    assert!(
        bare.iter().all(|r| r.get("remote_data").is_none() && r.get("emails").is_none() && r.get("name").is_none())
    );
    assert_eq!(ids(&bare), everyone);

    let csv = sandbox.okta(&["list", "users", "--format", "csv"]).stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().expect("a header").get(0), Some("id"));
    assert_eq!(
        reader.records().map(|row| row.expect("a row").get(0).unwrap_or_default().to_owned()).collect::<BTreeSet<_>>(),
        everyone
    );

    let table = sandbox.okta(&["list", "users", "--format", "table"]).stdout;
    assert_eq!(table.lines().count(), 524, "a header and a line each");

    let normalized: Value =
        serde_json::from_str(&sandbox.okta(&["list", "users", "--format", "normalized"]).stdout).expect("an object");
    let users = normalized.pointer("/result/users").and_then(Value::as_array).expect("users");
    assert_eq!(ids(users), everyone);
    assert!(users.iter().all(|user| user.get("emails").is_none()));
    let emails = normalized.pointer("/result/emails").and_then(Value::as_array).expect("emails");
    assert!(
        emails.iter().all(|email| email.get("user_id").and_then(Value::as_str).is_some_and(|id| everyone.contains(id)))
    );

    let raw = sandbox.okta(&["list", "users", "--format", "raw"]).stdout;
    let pages: Vec<Vec<Value>> =
        serde_json::Deserializer::from_str(&raw).into_iter().map(|page| page.expect("a page")).collect();
    assert_eq!(pages.iter().map(Vec::len).sum::<usize>(), 523);

    let debug: Value =
        serde_json::from_str(&sandbox.okta(&["list", "users", "--format", "debug"]).stdout).expect("an object");
    assert_eq!(debug.pointer("/completeness/complete"), Some(&Value::Bool(true)));
    assert!(debug.pointer("/exchanges").and_then(Value::as_array).is_some_and(|exchanges| exchanges.len() >= 3));
    assert!(!debug.to_string().contains("SSWS sandbox"));
}

#[test]
fn one_record_is_the_listed_one() {
    let sandbox = Sandbox::new("okta", 3, &[]);
    let listed = lines(&sandbox.okta(&["list", "users", "--format", "ndjson"]).stdout);
    let id = listed.first().and_then(|r| r.get("id")).and_then(Value::as_str).expect("an id").to_owned();
    let got = sandbox.okta(&["get", "users", &id]);
    assert_eq!(got.code, 0, "{}", got.stderr);
    let record: Value = serde_json::from_str(&got.stdout).expect("a record");
    assert_eq!(
        (record.get("id"), record.get("username")),
        (listed.first().and_then(|r| r.get("id")), listed.first().and_then(|r| r.get("username")))
    );
    let missing = sandbox.okta(&["get", "users", "nobody"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("has no `users` with the id `nobody`"), "{}", missing.stderr);
}

#[test]
fn filters_sorts_and_limits() {
    let sandbox = Sandbox::new("okta", 200, &[]);
    let everyone = lines(&sandbox.okta(&["list", "users", "--format", "ndjson"]).stdout);
    let active = lines(&sandbox.okta(&["list", "users", "--format", "ndjson", "--filter", "status=active"]).stdout);
    let expected: Vec<Value> =
        everyone.iter().filter(|r| r.get("status").and_then(Value::as_str) == Some("active")).cloned().collect();
    assert!(!expected.is_empty() && expected.len() < everyone.len());
    assert_eq!(ids(&active), ids(&expected));
    let limited = sandbox.okta(&["list", "users", "--format", "ndjson", "--limit", "7", "--sort", "-username"]);
    let names: Vec<String> =
        lines(&limited.stdout).iter().filter_map(|r| r.get("username")?.as_str().map(str::to_owned)).collect();
    let mut all: Vec<String> = everyone.iter().filter_map(|r| r.get("username")?.as_str().map(str::to_owned)).collect();
    all.sort_by_key(|name| std::cmp::Reverse(name.to_lowercase()));
    all.truncate(7);
    assert_eq!(names, all);
}

#[test]
fn a_fault_midway_is_never_a_whole_list() {
    for (fault, part) in [
        ("truncated", "cut off"),
        ("html", "HTML"),
        ("repeated-cursor", "twice"),
        ("unauthorized", "refused the credential"),
    ] {
        let sandbox = Sandbox::new("okta", 1000, &["--fault", fault]);
        let json = sandbox.okta(&["list", "users", "--format", "json"]);
        assert_eq!(json.code, 1, "{fault}: {}", json.stderr);
        assert!(json.stderr.contains(part), "{fault}: {}", json.stderr);
        let kind =
            if fault == "unauthorized" { "kind: credential (yours to mend)" } else { "kind: unexpected_shape (" };
        assert!(json.stderr.contains(kind), "{fault}: {}", json.stderr);
        assert!(serde_json::from_str::<Value>(&json.stdout).is_err(), "{fault}: half an array must not parse");
        let csv = sandbox.okta(&["list", "users", "--format", "csv"]);
        assert_eq!((csv.code, csv.stdout.as_str()), (1, ""), "{fault}: no half file");
    }
}

#[test]
fn a_wrong_token_is_said_and_not_shown() {
    let sandbox = Sandbox::new("okta", 3, &[]);
    let output = crate::run::rollcall_with(
        &[
            "list",
            "users",
            "--connector",
            "okta",
            "--set",
            "domain=acme.okta.com",
            "--set",
            "token=env:T",
            "--base-url",
            &sandbox.url,
        ],
        &[("T", "canary-wrong-token")],
    );
    assert_eq!(output.code, 1);
    assert!(output.stderr.contains("refused the credential"), "{}", output.stderr);
    assert!(!format!("{}{}", output.stderr, output.stdout).contains("canary"));
}
