//! Reading one record: it must be the one that was asked for.

use rollcall_engine::{Fault, FaultKind, ListRequest, get};
use serde_json::{Value, json};

use crate::provider::{HEAD, World, block_on, ok};

/// A provider that reads one person as told, and answers so.
fn read(method: &str, body: Value) -> Result<Value, Fault> {
    let yaml = format!(
        "{HEAD}\nresources:\n  users:\n    get: {method}\nunified:\n  users:\n    fields: {{id: .id, name: .name}}\n"
    );
    let world = World::new(&yaml, move |_, _| ok(body.clone()));
    let request = ListRequest { resource: "users".to_owned(), ..ListRequest::default() };
    let got = block_on(get(world.session, request, "7"))?;
    Ok(serde_json::from_slice(&got.record).expect("a record is JSON"))
}

#[test]
fn one_of_a_filtered_list() {
    let record =
        read("{get: /users, query: {id: '{id}'}, items: .users}", json!({"users": [{"id": 7, "name": "Ada"}]}))
            .expect("a record");
    assert_eq!(record, json!({"id": "7", "name": "Ada"}));
}

#[test]
fn a_filter_that_the_provider_overlooks_gives_nobody_else() {
    let other = json!([{"id": 1, "name": "Eve"}, {"id": 2, "name": "Bea"}]);
    for (method, body) in [
        ("{get: /users, query: {id: '{id}'}, items: .}", other.clone()),
        ("{get: /users, query: {id: '{id}'}, items: .users}", json!({"users": other})),
    ] {
        let fault = read(method, body).expect_err(method);
        assert_eq!(fault.kind, FaultKind::UnexpectedShape, "{method}");
        assert!(fault.message.contains("was asked for `7` and answered with `1`"), "{}", fault.message);
    }
}

#[test]
fn a_filtered_list_of_nobody_is_gone() {
    let fault = read("{get: /users, query: {id: '{id}'}, items: .users}", json!({"users": []})).expect_err("nobody");
    assert_eq!(fault.kind, FaultKind::Gone);
}
