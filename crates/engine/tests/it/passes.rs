//! Several walks that together are the whole.

use rollcall_engine::{FaultKind, ListRequest, query};
use rollcall_model::Model;
use serde_json::json;

use crate::provider::{HEAD, World, answer, ids, ok, param};

const PASSES: &str = "
resources:
  users:
    list:
      get: /users
      items: .
      passes:
        - {name: current, query: {state: on}, status: [active]}
        - {name: left, query: {state: off}, status: [inactive], set: {state: inactive}, optional: true}
unified:
  users: {fields: {id: .id, status: {first: [$pass.state, active]}}}
";

fn yaml() -> String {
    format!("{HEAD}{PASSES}")
}

#[test]
fn passes_are_united_and_the_first_wins() {
    let world = World::new(&yaml(), |wire, _| match param(wire, "state").as_deref() {
        Some("on") => ok(json!([{"id": 1}, {"id": 2}])),
        _ => ok(json!([{"id": 2}, {"id": 3}])),
    });
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(
        records,
        [
            json!({"id": "1", "status": "active"}),
            json!({"id": "2", "status": "active"}),
            json!({"id": "3", "status": "inactive"})
        ]
    );
    assert_eq!(completeness.passes.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["current", "left"]);
}

#[test]
fn an_optional_pass_that_is_refused_makes_the_list_partial() {
    let world = World::new(&yaml(), |wire, _| {
        if param(wire, "state").as_deref() == Some("on") { ok(json!([{"id": 1}])) } else { answer(403, &[], "{}") }
    });
    let (records, completeness) = world.users().expect("a part");
    assert_eq!(ids(&records), ["1"]);
    assert!(!completeness.complete, "people may be missing");
}

#[test]
fn any_other_fault_of_an_optional_pass_fails_the_list() {
    let world = World::new(&yaml(), |wire, _| {
        if param(wire, "state").as_deref() == Some("on") { ok(json!([{"id": 1}])) } else { answer(400, &[], "{}") }
    });
    assert_eq!(world.users().expect_err("not whole").kind, FaultKind::BadRequest);
}

#[test]
fn a_filter_on_status_skips_passes_that_cannot_match() {
    let world = World::new(&yaml(), |wire, _| {
        assert_eq!(param(wire, "state").as_deref(), Some("off"));
        ok(json!([{"id": 3}]))
    });
    let resource = Model::user_directory().resource("users").expect("users");
    let filters = vec![query::filter(resource, "status", "inactive").expect("a filter")];
    let (records, _) =
        world.list(ListRequest { resource: "users".to_owned(), filters, ..ListRequest::default() }).expect("a list");
    assert_eq!(ids(&records), ["3"]);
}
