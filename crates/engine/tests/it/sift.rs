//! Filters and sorting, by the provider and here.

use rollcall_engine::{Fault, FaultKind, ListRequest, query};
use rollcall_model::Model;
use serde_json::{Value, json};

use crate::provider::{HEAD, World, ids, ok};

const YAML: &str = "
resources:
  users:
    list:
      get: /users
      items: .
      filter:
        status: {param: state, values: {active: ACTIVE}}
        email: {param: search, template: 'email eq \"{value|quote}\"'}
        created_at: {gte: {param: since, template: '{value|epoch}'}}
      sort: {param: order, fields: {name: displayName}, asc: '{field}', desc: '-{field}'}
unified:
  users:
    fields:
      id: .id
      name: .name
      status: {from: .state, map: {ACTIVE: active, OFF: inactive}}
      emails: [{email: .mail}]
      created_at: .created
      roles: {each: .roles, item: {id: .}}
";

fn people() -> Value {
    json!([
        {"id": 1, "name": "beta", "state": "ACTIVE", "mail": "Ada@Example.com", "created": "2024-05-01T00:00:00Z", "roles": ["r1", "r2"]},
        {"id": 2, "name": "Alpha", "state": "OFF", "mail": "bo@example.com", "created": "2024-06-01T00:00:00Z", "roles": []},
        {"id": 3, "state": "LOCKED", "created": "2024-07-01T12:00:00+02:00"},
    ])
}

fn list(
    filters: &[(&str, &str)],
    sort: Option<&str>,
) -> Result<(Vec<Value>, rollcall_engine::Completeness, Vec<String>), Fault> {
    let world = World::new(&format!("{HEAD}{YAML}"), |_, _| ok(people()));
    let resource = Model::user_directory().resource("users").expect("users");
    let filters = filters.iter().map(|(name, value)| query::filter(resource, name, value)).collect::<Result<_, _>>()?;
    let sort = sort.map(|text| query::sort(resource, text)).transpose()?;
    let (records, completeness) =
        world.list(ListRequest { resource: "users".to_owned(), filters, sort, ..ListRequest::default() })?;
    Ok((records, completeness, world.asked()))
}

#[test]
fn every_filter_is_applied_here_too() {
    for (filter, expected) in [
        (("status", "active"), vec!["1"]),
        (("status", "inactive"), vec!["2"]),
        (("status", "LOCKED"), vec!["3"]),
        (("status.in", "active,inactive"), vec!["1", "2"]),
        (("email", "ada@example.com"), vec!["1"]),
        (("emails.email", "BO@example.com"), vec!["2"]),
        (("role_id", "r2"), vec!["1"]),
        (("roles.id", "r2"), vec!["1"]),
        (("created_at.gte", "2024-06-01"), vec!["2", "3"]),
        (("created_at.gt", "2024-06-01T00:00:00Z"), vec!["3"]),
        (("created_at.lt", "2024-07-01T10:00:00Z"), vec!["1", "2"]),
        (("created_at", "2024-07-01"), vec!["3"]),
        (("name", "Alpha"), vec!["2"]),
        (("id", "3"), vec!["3"]),
    ] {
        let (records, completeness, _) = list(&[filter], None).unwrap_or_else(|fault| panic!("{filter:?}: {fault}"));
        assert_eq!(ids(&records), expected, "{filter:?}");
        assert_eq!(completeness.filtered as usize, 3 - expected.len());
    }
}

#[test]
fn what_the_provider_can_do_is_pushed_down() {
    let (_, completeness, asked) =
        list(&[("status", "active"), ("created_at.gt", "2024-06-01"), ("name", "x")], None).expect("a list");
    assert_eq!(asked, ["https://api.acme.example/v1/users?state=ACTIVE&since=1717200000"]);
    let places: Vec<(&str, &str)> = completeness.filters.iter().map(|(n, p)| (n.as_str(), p.as_str())).collect();
    assert_eq!(places, [("created_at.gt", "provider"), ("name", "local"), ("status", "provider")]);
    // A status the provider's filter has no word for stays here.
    let (_, completeness, asked) = list(&[("status", "inactive")], None).expect("a list");
    assert_eq!((asked.len(), completeness.filters.get("status").map(String::as_str)), (1, Some("local")));
    let (_, _, asked) = list(&[("email", "a\"b@example.com")], None).expect("a list");
    assert!(asked.first().is_some_and(|url| param_of(url, "search") == r#"email eq "a\"b@example.com""#), "{asked:?}");
}

fn param_of(url: &str, name: &str) -> String {
    let wire = url::Url::parse(url).expect("a URL");
    wire.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[test]
fn sorting_by_the_provider_and_here() {
    let (_, completeness, asked) = list(&[], Some("-name")).expect("a list");
    assert_eq!(
        (completeness.sort.as_deref(), asked.first().map(|url| param_of(url, "order"))),
        (Some("provider"), Some("-displayName".to_owned()))
    );
    let (records, completeness, _) = list(&[], Some("-created_at")).expect("a list");
    assert_eq!((ids(&records), completeness.sort.as_deref()), (vec!["3", "2", "1"], Some("local")));
    // Without an address comes last, in either direction.
    assert_eq!(ids(&list(&[], Some("emails")).expect("a list").0), ["1", "2", "3"]);
    assert_eq!(ids(&list(&[], Some("-emails")).expect("a list").0), ["2", "1", "3"]);
}

#[test]
fn filters_that_cannot_be_are_refused_with_the_nearest() {
    for (filter, part) in [
        (("statsu", "active"), "did you mean `status`"),
        (("created_at", "yesterday"), "2024-05-01"),
        (("created_at.gtr", "2024-01-01"), "did you mean `created_at.gt"),
        (("is_2fa_enabled", "maybe"), "`true` or `false`"),
        (("user_type", "boss"), "one of admin"),
        (("status.gt", "active"), "bare value"),
        (("roles", "x"), "`roles.id`"),
        (("title", "x"), "it can filter on id"),
    ] {
        let fault = list(&[filter], None).err().unwrap_or_else(|| panic!("{filter:?} passed"));
        let shown = format!("{fault} {}", fault.hint.clone().unwrap_or_default());
        assert!(fault.kind == FaultKind::BadRequest && shown.contains(part), "{filter:?}: {shown}");
    }
    assert!(list(&[], Some("bio")).is_err());
}

#[test]
fn a_list_too_long_to_sort_is_refused_not_cut() {
    let limits = rollcall_engine::Limits { held_records_max: 2, ..rollcall_engine::Limits::default() };
    let world = World::with_limits(&format!("{HEAD}{YAML}"), limits, |_, _| ok(people()));
    let resource = Model::user_directory().resource("users").expect("users");
    let sort = Some(query::sort(resource, "created_at").expect("a sort"));
    let fault =
        world.list(ListRequest { resource: "users".to_owned(), sort, ..ListRequest::default() }).expect_err("too long");
    assert_eq!(fault.kind, FaultKind::LimitReached);
}
