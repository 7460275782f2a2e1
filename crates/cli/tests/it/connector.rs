//! `rollcall connector …`: the shapes that programs read.

use serde_json::Value;

use crate::run::rollcall;

#[test]
fn list_as_json() {
    let output = rollcall(&["connector", "list", "--json"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let entries: Vec<Value> = serde_json::from_str(&output.stdout).expect("an array");
    let okta = entries.iter().find(|entry| entry.get("slug") == Some(&Value::from("okta"))).expect("okta");
    for key in ["name", "category", "tier"] {
        assert!(okta.get(key).is_some_and(Value::is_string), "{key}");
    }
    assert!(okta.get("auth").and_then(Value::as_array).is_some_and(|auth| auth.contains(&Value::from("api_token"))));
    assert_eq!(okta.pointer("/resources/users"), Some(&serde_json::json!(["list", "get"])));
    assert!(entries.len() >= 26, "{}", entries.len());
}

#[test]
fn explain_as_json() {
    let output = rollcall(&["connector", "explain", "okta", "users", "list", "--json"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let explanation: Value = serde_json::from_str(&output.stdout).expect("an object");
    assert_eq!(explanation.pointer("/requests/0/method"), Some(&Value::from("GET")));
    assert_eq!(explanation.pointer("/requests/0/path"), Some(&Value::from("/api/v1/users")));
    assert_eq!(explanation.pointer("/requests/0/query/limit"), Some(&Value::from("200")));
    assert!(
        explanation
            .pointer("/requests/1/query/filter")
            .and_then(Value::as_str)
            .is_some_and(|f| f.contains("DEPROVISIONED"))
    );
    assert!(
        explanation
            .pointer("/fields/username/paths")
            .and_then(Value::as_array)
            .is_some_and(|paths| paths.contains(&Value::from(".profile.login")))
    );
    assert!(!output.stdout.contains("SSWS"), "no credential in an explanation");
}

#[test]
fn aliases_name_the_same_connector() {
    let by_alias = rollcall(&["connector", "show", "googleworkspace", "--json"]);
    let by_id = rollcall(&["connector", "show", "google-workspace", "--json"]);
    assert_eq!((by_alias.code, by_alias.stdout), (0, by_id.stdout));
}

#[test]
fn the_checked_in_schema_is_the_one_of_the_types() {
    let output = rollcall(&["connector", "schema"]);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/connector.schema.json");
    assert_eq!(
        output.stdout,
        std::fs::read_to_string(file).expect("schema/connector.schema.json"),
        "run `rollcall connector schema > schema/connector.schema.json`"
    );
}
