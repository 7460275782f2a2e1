//! One list call as a whole: records, repeats, lookups, second calls, fan-out.

use std::sync::Arc;

use rollcall_engine::{FaultKind, ListRequest, get};
use serde_json::json;

use rollcall_engine::transport::Wire;

use crate::provider::{HEAD, World, answer, block_on, ids, ok, param, users};

fn request() -> ListRequest {
    ListRequest { resource: "users".to_owned(), ..ListRequest::default() }
}

#[test]
fn repeated_records_are_counted_and_left_out() {
    let world = World::new(&users("{page: {param: page}}"), |wire, _| {
        ok(match param(wire, "page").as_deref() {
            Some("1") => json!({"users": [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]}),
            // The list moved while it was read: 2 comes again.
            Some("2") => json!({"users": [{"id": 2, "name": "B"}, {"id": 3, "name": "C"}]}),
            _ => json!({"users": []}),
        })
    });
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(ids(&records), ["1", "2", "3"]);
    assert_eq!((completeness.received, completeness.repeated, completeness.returned), (4, 1, 3));
}

#[test]
fn a_record_without_an_id_is_a_fault() {
    let world = World::new(&users("{none: {}}"), |_, _| ok(json!({"users": [{"id": 1}, {"name": "nobody"}]})));
    assert_eq!(world.users().expect_err("no id").kind, FaultKind::UnexpectedShape);
}

#[test]
fn remote_data_is_the_record_as_it_came() {
    let body =
        r#"{"users": [{"id": 1, "big": 12345678901234567890.10, "name": "Zo\u00eb \/ x", "z": {"b": 1, "a": 2}}]}"#;
    let world = World::new(&users("{none: {}}"), move |_, _| answer(200, &[], body));
    let (records, _) = world.list(ListRequest { remote_data: true, ..request() }).expect("a list");
    let record = records.first().expect("one");
    assert_eq!(record.get("name"), Some(&json!("Zoë / x")));
    assert_eq!(record.pointer("/remote_data/z/b"), Some(&json!(1)));
}

#[test]
fn secrets_of_the_record_are_not_passed_on() {
    let yaml = format!(
        "{HEAD}
resources:
  users: {{list: {{get: /users, items: .users}}, get: {{get: '/users/{{id}}'}}}}
unified:
  users: {{fields: {{id: .id}}, redact: [.password, '.keys[].hash']}}
"
    );
    let world = World::new(&yaml, |wire, _| {
        let user = json!({"id": 1, "password": "canary-hash", "keys": [{"hash": "canary-hash", "name": "k"}]});
        ok(if wire.url.path() == "/v1/users" { json!({"users": [user]}) } else { user })
    });
    let hidden = json!({"id": 1, "password": "[redacted]", "keys": [{"hash": "[redacted]", "name": "k"}]});
    let with_remote = || ListRequest { remote_data: true, ..request() };
    let (records, _) = world.list(with_remote()).expect("a list");
    assert_eq!(records, [json!({"id": "1", "remote_data": hidden})]);
    let got = block_on(get(Arc::clone(&world.session), with_remote(), "1")).expect("a record");
    let record: serde_json::Value = serde_json::from_slice(&got.record).expect("JSON");
    assert_eq!(record.get("remote_data"), Some(&hidden));
}

#[test]
fn html_and_cut_bodies_are_faults() {
    for body in [
        "<!DOCTYPE html><html><body>Sign in</body></html>",
        r#"{"users": [{"id": 1}, {"id": 2"#,
        "",
        "nonsense",
        r#"{"users": [{"id": 1}]} x"#,
    ] {
        let world = World::new(&users("{none: {}}"), move |_, _| answer(200, &[], body));
        let fault = world.users().expect_err(body);
        assert_eq!(fault.kind, FaultKind::UnexpectedShape, "{body}");
    }
}

#[test]
fn errors_inside_a_2xx_are_errors() {
    let yaml = users("{none: {}}").replace("  base: https://api.acme.example/v1\n", "  base: https://api.acme.example/v1\n  errors: {failed_when: {.ok: false}, code: .error, codes: {invalid_auth: credential, slow_down: throttled}}\n");
    let world = World::new(&yaml, |_, _| ok(json!({"ok": false, "error": "invalid_auth"})));
    assert_eq!(world.users().expect_err("refused").kind, FaultKind::Credential);
    let world = World::new(&yaml, |_, call| {
        if call == 0 {
            ok(json!({"ok": false, "error": "slow_down"}))
        } else {
            ok(json!({"ok": true, "users": [{"id": 1}]}))
        }
    });
    let (records, completeness) = world.users().expect("after a wait");
    assert_eq!((records.len(), completeness.retries), (1, 1));
}

const LOOKUP: &str = "
lookups:
  roles: {get: /roles, items: ., key: .id, keep: {name: .label}, optional: true}
resources:
  users: {list: {get: /users, items: .users}}
unified:
  users: {fields: {id: .id, roles: {each: .role_ids, item: {id: ., name: {lookup: roles, key: ., take: name}}}}}
";

#[test]
fn lookups_give_names() {
    let world = World::new(&format!("{HEAD}{LOOKUP}"), |wire, _| match wire.url.path() {
        "/v1/roles" => ok(json!([{"id": 7, "label": "Owner"}])),
        _ => ok(json!({"users": [{"id": 1, "role_ids": [7, 8]}]})),
    });
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(records.first().and_then(|r| r.get("roles")), Some(&json!([{"id": "7", "name": "Owner"}, {"id": "8"}])));
    assert!(completeness.missing.is_empty());
}

#[test]
fn a_lookup_that_may_not_be_read_is_reported_and_nobody_is_lost() {
    let world = World::new(&format!("{HEAD}{LOOKUP}"), |wire, _| match wire.url.path() {
        "/v1/roles" => answer(403, &[], "{}"),
        _ => ok(json!({"users": [{"id": 1, "role_ids": [7]}]})),
    });
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(records.len(), 1);
    assert!(completeness.complete, "nobody is missing");
    assert_eq!(
        completeness.missing.first().map(|m| (m.what.as_str(), m.why.as_str(), m.people)),
        Some(("lookup `roles`", "permission", false))
    );
}

#[test]
fn what_rests_on_an_unread_lookup_is_left_out_and_not_guessed() {
    let yaml = format!("{HEAD}
lookups:
  admins: {{get: /admins, items: ., key: .id, keep: {{type: .type}}, optional: true}}
resources:
  users: {{list: {{get: /users, items: .users}}}}
unified:
  users: {{fields: {{id: .id, name: .name, user_type: {{first: [{{from: {{lookup: admins, key: .id, take: type}}, map: {{a: admin}}}}, user]}}}}}}
");
    let users = json!({"users": [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]});
    let body = users.clone();
    let world = World::new(&yaml, move |wire, _| {
        if wire.url.path() == "/v1/admins" { ok(json!([{"id": 1, "type": "a"}])) } else { ok(body.clone()) }
    });
    let (records, _) = world.users().expect("a list");
    assert_eq!(
        records.iter().map(|r| r.get("user_type").cloned()).collect::<Vec<_>>(),
        [Some(json!("admin")), Some(json!("user"))]
    );
    let world =
        World::new(
            &yaml,
            move |wire, _| if wire.url.path() == "/v1/admins" { answer(403, &[], "{}") } else { ok(users.clone()) },
        );
    let (records, completeness) = world.users().expect("a list");
    assert!(records.iter().all(|r| r.get("user_type").is_none() && r.get("name").is_some()), "{records:?}");
    assert!(completeness.missing.iter().any(|missing| missing.what == "lookup `admins`"));
}

#[test]
fn lookups_of_excluded_fields_are_not_fetched() {
    let world = World::new(&format!("{HEAD}{LOOKUP}"), |wire, _| match wire.url.path() {
        "/v1/roles" => panic!("nobody asked for roles"),
        _ => ok(json!({"users": [{"id": 1, "role_ids": [7]}]})),
    });
    let (records, _) = world.list(ListRequest { exclude: vec!["roles".to_owned()], ..request() }).expect("a list");
    assert_eq!(records, [json!({"id": "1"})]);
}

const ENRICH: &str = "
resources:
  users: {list: {get: /users, items: .users, enrich: {detail: {get: '/users/{id}'}}}}
unified:
  users: {fields: {id: .id, title: $detail.title}}
";

#[test]
fn second_calls_are_best_effort_and_reported() {
    let world = World::new(&format!("{HEAD}{ENRICH}"), |wire, _| match wire.url.path() {
        "/v1/users" => ok(json!({"users": [{"id": 1}, {"id": 2}]})),
        "/v1/users/1" => ok(json!({"title": "Chief"})),
        _ => answer(404, &[], "{}"),
    });
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(records, [json!({"id": "1", "title": "Chief"}), json!({"id": "2"})]);
    assert_eq!(completeness.missing.first().map(|m| (m.why.as_str(), m.records)), Some(("gone", Some(1))));
}

#[test]
fn what_a_failed_second_call_would_have_said_is_not_guessed() {
    let yaml = format!(
        "{HEAD}
resources:
  users:
    list: {{get: /users, items: .users, enrich: {{detail: {{get: '/users/{{id}}'}}}}}}
    get: {{get: '/users/{{id}}/own', enrich: {{detail: {{get: '/users/{{id}}'}}}}}}
unified:
  users:
    fields:
      id: .id
      is_2fa_enabled: {{first: [$detail.mfa, false]}}
      user_type: {{cases: [{{when: {{$detail.admin: true}}, then: admin}}, {{then: user}}]}}
      groups: {{first: [{{each: $detail.groups, item: {{id: .}}}}, {{each: .groups, item: {{id: .}}}}]}}
"
    );
    let world = World::new(&yaml, |wire, _| match wire.url.path() {
        "/v1/users" => {
            ok(json!({"users": [{"id": 1, "groups": ["a"]}, {"id": 2, "groups": ["a"]}, {"id": 3, "groups": ["a"]}]}))
        }
        "/v1/users/1" => ok(json!({"mfa": true, "admin": true, "groups": ["b"]})),
        "/v1/users/2" => ok(json!({})),
        "/v1/users/3/own" => ok(json!({"id": 3, "groups": ["a"]})),
        _ => answer(404, &[], "{}"),
    });
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(
        records,
        [
            json!({"id": "1", "user_type": "admin", "is_2fa_enabled": true, "groups": [{"id": "b"}]}),
            // Read, and nothing in it: the alternatives count.
            json!({"id": "2", "user_type": "user", "is_2fa_enabled": false, "groups": [{"id": "a"}]}),
            json!({"id": "3"}),
        ]
    );
    assert_eq!(completeness.missing.first().and_then(|missing| missing.records), Some(1));
    let got = block_on(get(Arc::clone(&world.session), request(), "3")).expect("a record");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&got.record).expect("JSON"), json!({"id": "3"}));
}

#[test]
fn second_calls_that_are_always_refused_are_given_up() {
    let world = World::new(&format!("{HEAD}{ENRICH}"), |wire, _| match wire.url.path() {
        "/v1/users" => ok(json!({"users": (0..50).map(|n| json!({"id": n})).collect::<Vec<_>>()})),
        _ => answer(403, &[], "{}"),
    });
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(records.len(), 50);
    assert!(world.asked().len() < 15, "{} calls", world.asked().len());
    assert_eq!(completeness.missing.first().map(|m| (m.why.as_str(), m.records)), Some(("permission", Some(50))));
}

const FAN_OUT: &str = "
resources:
  users:
    list:
      get: '/teams/{team.id}/members'
      items: .
      each: {as: team, from: {get: /teams, items: ., keep: {id: .id, name: .name}}, unite: [groups]}
unified:
  users: {fields: {id: .id, groups: [{id: $team.id, name: $team.name}]}}
";

#[test]
fn people_of_several_parents_become_one_record() {
    let world = World::new(&format!("{HEAD}{FAN_OUT}"), |wire, _| match wire.url.path() {
        "/v1/teams" => ok(json!([{"id": "a", "name": "A"}, {"id": "b", "name": "B"}])),
        "/v1/teams/a/members" => ok(json!([{"id": 1}, {"id": 2}])),
        _ => ok(json!([{"id": 2}, {"id": 3}])),
    });
    let (records, completeness) = world.users().expect("a list");
    assert_eq!(ids(&records), ["1", "2", "3"]);
    assert_eq!(
        records.get(1).and_then(|r| r.get("groups")),
        Some(&json!([{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]))
    );
    assert_eq!((completeness.united, completeness.repeated), (1, 0));
}

#[test]
fn a_parent_that_fails_fails_the_list() {
    let world = World::new(&format!("{HEAD}{FAN_OUT}"), |wire, _| match wire.url.path() {
        "/v1/teams" => ok(json!([{"id": "a"}, {"id": "b"}])),
        "/v1/teams/a/members" => ok(json!([{"id": 1}])),
        _ => answer(403, &[], "{}"),
    });
    assert_eq!(world.users().expect_err("b is missing").kind, FaultKind::Permission);
}

#[test]
fn the_limit_ends_the_walk() {
    let world = World::new(&users("{page: {param: page}}"), |wire, _| {
        let page: u64 = param(wire, "page").and_then(|p| p.parse().ok()).expect("a page");
        ok(json!({"users": [{"id": page * 2}, {"id": page * 2 + 1}]}))
    });
    let (records, completeness) = world.list(ListRequest { limit: Some(3), ..request() }).expect("three");
    assert_eq!((records.len(), world.asked().len()), (3, 2));
    assert!(completeness.limited);
}

#[test]
fn an_answer_without_content_is_an_empty_page_where_items_are_optional() {
    let optional =
        users("{page: {param: page}}").replace("items: .users\n", "items: .users\n      items_optional: true\n");
    let body = |status: u16| {
        move |wire: &Wire, _: u32| match param(wire, "page").as_deref() {
            Some("1") => ok(json!({"users": [{"id": 1}]})),
            _ => answer(status, &[], ""),
        }
    };
    let (records, completeness) = World::new(&optional, body(204)).users().expect("a list");
    assert_eq!((ids(&records), completeness.complete), (vec!["1"], true));
    // A body may have been lost on the way.
    assert_eq!(World::new(&optional, body(200)).users().expect_err("lost").kind, FaultKind::UnexpectedShape);
    assert_eq!(
        World::new(&users("{page: {param: page}}"), body(204)).users().expect_err("not said").kind,
        FaultKind::UnexpectedShape
    );
}

#[test]
fn a_lookup_with_an_item_that_has_no_key_is_not_known() {
    let yaml = format!(
        "{HEAD}
lookups:
  teams: {{get: /members, items: ., key: .user, keep: {{id: .team}}, many: true, optional: true}}
resources:
  users: {{list: {{get: /users, items: .users}}}}
unified:
  users: {{fields: {{id: .id, groups: {{lookup: teams, key: .id}}}}}}
"
    );
    let answers = |wire: &Wire, _: u32| match wire.url.path() {
        "/v1/members" => ok(json!([{"user": 1, "team": "a"}, {"user": null, "team": "c"}, {"team": "b"}])),
        _ => ok(json!({"users": [{"id": 1}, {"id": 2}]})),
    };
    let (records, completeness) = World::new(&yaml, answers).users().expect("a list");
    assert_eq!(records, [json!({"id": "1"}), json!({"id": "2"})], "2 may be in team b");
    assert_eq!(
        completeness.missing.first().map(|missing| (missing.what.as_str(), missing.why.as_str())),
        Some(("lookup `teams`", "unexpected_shape"))
    );
    let fault = World::new(&yaml.replace(", optional: true", ""), answers).users().expect_err("not optional");
    assert!(fault.message.contains("does not have its key `.user`"), "{fault}");
    // The connector may say that such items belong to nobody.
    let said = yaml.replace("many: true", "many: true, where: {.user: {present: true}}");
    let (records, completeness) = World::new(&said, answers).users().expect("a list");
    assert_eq!(records, [json!({"id": "1", "groups": [{"id": "a"}]}), json!({"id": "2", "groups": []})]);
    assert!(completeness.missing.is_empty());
}

#[test]
fn a_table_of_the_page_with_an_item_that_has_no_key_is_not_known() {
    let yaml = format!("{HEAD}
resources:
  users: {{list: {{get: /users, items: .users, tables: {{roles: {{items: .roles, key: .id, keep: {{name: .name}}}}}}}}}}
unified:
  users: {{fields: {{id: .id, user_type: {{first: [{{from: {{lookup: roles, key: .role, take: name}}, map: {{Owner: admin}}}}, user]}}}}}}
");
    let page = |roles: serde_json::Value| json!({"users": [{"id": 1, "role": 7}], "roles": roles});
    for (roles, expected) in [
        (json!([{"id": 8, "name": "Owner"}, {"id": null, "name": "Owner"}]), json!({"id": "1", "user_type": "user"})),
        (json!([{"id": 8, "name": "Guest"}, {"name": "Owner"}]), json!({"id": "1"})),
    ] {
        let world = World::new(&yaml, move |_, _| ok(page(roles.clone())));
        let (records, completeness) = world.users().expect("a list");
        assert_eq!(
            (&records[0], completeness.missing.len()),
            (&expected, usize::from(expected.get("user_type").is_none()))
        );
    }
}
