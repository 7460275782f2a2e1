//! Connectors against descriptions of APIs.

use rollcall_connector::load;
use rollcall_connector::spec::{self, Spec};

use crate::made::Made;

pub const DESCRIPTION: &str = r#"{
  "slug": "sample",
  "provenance": [{"authority": "vendor"}],
  "servers": ["https://{tenant}.example.com/api/v1"],
  "operations": [
    {"op": "users.list", "method": "GET", "path": "/users", "items_path": "users",
     "params": [{"name": "cursor", "in": "query"}, {"name": "limit", "in": "query"}, {"name": "state", "in": "query"}],
     "item_schema": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "email": {"type": "string"}, "state": {"enum": ["on", "locked", "suspended"]}}}},
    {"op": "users.get", "method": "GET", "path": "/users/{userId}", "items_path": "user", "params": [],
     "item_schema": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}}
  ]
}"#;

fn check(made: &Made, description: &str) -> spec::Report {
    let catalog = made.catalog();
    let connector = catalog.connector("sample").unwrap();
    let evidence = load::read_evidence("sample", &catalog.file("sample", "evidence.yaml").unwrap()).unwrap();
    spec::check(&connector, &[Spec::read(description).unwrap()], Some(&evidence))
}

fn messages(made: &Made, description: &str) -> Vec<String> {
    check(made, description).differences.into_iter().map(|difference| difference.message).collect()
}

#[test]
fn a_connector_as_the_vendor_describes_it_is_specified() {
    let report = check(&Made::new(), DESCRIPTION);
    let users = &report.resources["users"];
    assert_eq!(report.differences, []);
    assert!(users.is_specified(), "{users:?}");
    assert_eq!((users.operations, users.paths, users.parameters, users.open), (2, 4, 3, 0));
}

#[test]
fn another_path_is_a_difference() {
    let found = messages(&Made::new(), &DESCRIPTION.replace("\"/users\"", "\"/people\""));
    assert_eq!(found, ["the description has `users.list`, but by another method or path"]);
}

#[test]
fn another_version_of_the_base_is_a_difference() {
    assert_eq!(messages(&Made::new(), &DESCRIPTION.replace("/api/v1", "/api/v2")).len(), 2);
}

#[test]
fn an_unknown_parameter_is_a_difference() {
    assert_eq!(
        messages(&Made::new(), &DESCRIPTION.replace("\"cursor\"", "\"page_token\"")),
        ["`users.list` has no query parameter `cursor`"]
    );
    assert_eq!(
        messages(&Made::new(), &DESCRIPTION.replace("\"name\": \"state\"", "\"name\": \"status\"")),
        ["`users.list` has no query parameter `state`"]
    );
}

#[test]
fn a_path_that_no_operation_gives_is_a_difference() {
    assert_eq!(
        messages(&Made::new(), &DESCRIPTION.replace("\"email\"", "\"mail\"")),
        ["`.email` (for `emails.email`) is not in the description's record"]
    );
}

#[test]
fn records_in_another_place_are_a_difference() {
    assert_eq!(
        messages(&Made::new(), &DESCRIPTION.replace("\"items_path\": \"users\"", "\"items_path\": \"data\"")),
        ["the records of `users.list` are at `data`, not at `.users`"]
    );
}

#[test]
fn what_the_evidence_names_is_a_deviation() {
    let made = Made::new();
    made.change(
        "sample/evidence.yaml",
        "resources:",
        "deviations: [{what: The address, why: It is in every answer, paths: [.email]}]\nresources:",
    );
    let report = check(&made, &DESCRIPTION.replace("\"email\"", "\"mail\""));
    assert_eq!(report.differences, []);
    assert_eq!(report.resources["users"].deviations, 1);
}

#[test]
fn a_call_beyond_the_description_keeps_a_resource_from_being_specified() {
    let made = Made::new();
    made.change(
        "sample/connector.yaml",
        "unified:\n",
        "lookups:\n  teams: {get: /teams, items: .teams, key: .id, keep: {name: .name}}\nunified:\n",
    );
    made.change(
        "sample/connector.yaml",
        "      name: .name\n",
        "      name: .name\n      title: {lookup: teams, key: .id, take: name}\n",
    );
    let report = check(&made, DESCRIPTION);
    assert!(!report.resources["users"].is_specified());
    assert_eq!(report.differences, [], "the description says nothing about it");
}

#[test]
fn listed_values_are_read() {
    let description = Spec::read(DESCRIPTION).unwrap();
    assert_eq!(description.enum_values("users", ".state"), ["on", "locked", "suspended"]);
    assert!(description.enum_values("groups", ".state").is_empty());
}
