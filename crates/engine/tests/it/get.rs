//! Reading one record: it must be the one that was asked for.

use rollcall_engine::{Fault, FaultKind, ListRequest, get};
use serde_json::{Value, json};

use crate::provider::{HEAD, World, answer, block_on, ok};

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

#[test]
fn the_record_is_read_before_the_lookups() {
    let yaml = format!(
        "{HEAD}
lookups:
  roles: {{get: /roles, items: ., key: .id, keep: {{name: .name}}, optional: true}}
resources:
  users: {{get: {{get: '/users/{{id}}'}}}}
unified:
  users: {{fields: {{id: .id, roles: [{{id: .role, name: {{lookup: roles, key: .role, take: name}}}}]}}}}
"
    );
    let request = || ListRequest { resource: "users".to_owned(), ..ListRequest::default() };
    let world = World::new(&yaml, |wire, _| match wire.url.path() {
        "/v1/users/7" => answer(401, &[], "{}"),
        _ => answer(403, &[], "{}"),
    });
    let fault = block_on(get(world.session.clone(), request(), "7")).expect_err("refused");
    assert_eq!(
        (fault.kind, world.asked()),
        (FaultKind::Credential, vec!["https://api.acme.example/v1/users/7".to_owned()])
    );
    let world = World::new(&yaml, |wire, _| match wire.url.path() {
        "/v1/users/7" => ok(json!({"id": 7, "role": 1})),
        _ => ok(json!([{"id": 1, "name": "Owner"}])),
    });
    let got = block_on(get(world.session.clone(), request(), "7")).expect("a record");
    let record: serde_json::Value = serde_json::from_slice(&got.record).expect("JSON");
    assert_eq!(record, json!({"id": "7", "roles": [{"id": "1", "name": "Owner"}]}));
}

#[test]
fn a_refused_sign_in_names_the_connector_and_the_host() {
    let yaml = format!("{HEAD}
resources: {{users: {{get: {{get: '/users/{{id}}'}}}}}}
unified: {{users: {{fields: {{id: .id}}}}}}
")
    .replace(
        "auth:\n",
        "auth:\n  login:\n    fields: {token: {label: Token, secret: true}}\n    session: {login: {post: 'https://login.acme.example/in', body: {json: {token: '{token}'}}}, token: .token}\n",
    );
    let world = World::new(&yaml, |_, _| answer(401, &[], r#"{"error": "invalid_client"}"#));
    let request = ListRequest { resource: "users".to_owned(), ..ListRequest::default() };
    for _ in 0..2 {
        let fault = block_on(get(world.session.clone(), request.clone(), "7")).expect_err("refused");
        assert!(fault.message.starts_with("acme: `login.acme.example` refused"), "{fault}");
    }
}

#[test]
fn a_base_may_be_what_the_sign_in_gave() {
    let yaml = format!("{HEAD}
resources: {{users: {{get: {{get: '/users/{{id}}'}}}}}}
unified: {{users: {{fields: {{id: .id}}}}}}
")
    .replace(
        "auth:\n",
        "auth:\n  app:\n    base: '{instance_url}/v2'\n    oauth2: {grant: client_credentials, token: 'https://login.acme.example/token', instance_url: .instance_url}\n",
    )
    .replace("base: https://api.acme.example/v1\n", "base: https://api.acme.example/v1\n  hosts: ['*.acme.example']\n");
    let given = [("client_id", "me"), ("client_secret", "canary-secret-2")];
    let world = World::with_account(&yaml, "app", &given, |wire, _| match wire.url.path() {
        "/token" => ok(json!({"access_token": "canary-secret-3", "instance_url": "https://eu7.acme.example"})),
        _ => ok(json!({"id": 7})),
    });
    let request = ListRequest { resource: "users".to_owned(), ..ListRequest::default() };
    block_on(get(world.session.clone(), request, "7")).expect("a record");
    assert_eq!(world.asked(), ["https://login.acme.example/token", "https://eu7.acme.example/v2/users/7"]);
}
