//! Recorded exchanges: what fits passes, and each way of not fitting is a difference.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rollcall_connector::Catalog;
use rollcall_engine::replay::{self, Report};
use serde_json::{Value, json};

const CONNECTOR: &str = r#"schema: 1
id: sample
name: Sample
category: other
docs: https://docs.example.com/api
settings:
  domain: {label: Domain, is: host, example: acme.example.com, allow: ["*.example.com"]}
auth:
  api_token: {label: API token, fields: {token: {label: API token, secret: true}}, header: {Authorization: "Bearer {token}"}}
http:
  base: "https://{domain}/api/v1"
  errors: {rules: [{status: 429, kind: permission}]}
resources:
  users:
    list:
      get: /users
      items: .users
      page: {cursor: {at: .next, param: cursor, size: {param: limit, max: 100}}}
    get: {get: "/users/{id}", items: .user}
unified:
  users:
    fields:
      id: .id
      name: .name
      status: {from: .state, map: {on: active, off: inactive}}
      created_at: .created
"#;

/// A folder with the connector and one product's recordings.
struct Made(PathBuf);

impl Made {
    fn new(kind: &str, op: &str, exchanges: &[Value]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = std::env::temp_dir().join(format!(
            "rollcall-replay-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        let made = Self(folder);
        made.write("connectors/sample/connector.yaml", CONNECTOR);
        made.write("sample/users.1.json", &json!({"slug": "sample", "resource": "users", "op": op, "kind": kind, "provenance": {}, "exchanges": exchanges}).to_string());
        made
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.0.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    fn run(&self) -> Report {
        replay::run(&Catalog::of_folder(self.0.join("connectors")), &self.0.join("sample"), None).unwrap()
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn exchange(path: &str, query: Value, status: u16, body: Value) -> Value {
    json!({"request": {"method": "GET", "url_or_path": path, "query": query, "headers": {}, "body": null}, "response": {"status": status, "headers": {}, "body": body}})
}

fn page(query: Value, users: Value, next: Value) -> Value {
    exchange("https://acme.example.com/api/v1/users", query, 200, json!({"users": users, "next": next}))
}

fn differences(exchanges: &[Value]) -> Vec<String> {
    let report = Made::new("recorded", "list", exchanges).run();
    assert_eq!(report.passed, report.totals.differences == 0);
    report.products[0].exchanges.iter().flat_map(|exchange| exchange.differences.clone()).collect()
}

#[test]
fn two_pages_are_read_and_followed() {
    let report = Made::new(
        "recorded",
        "list",
        &[
            page(json!({"limit": "2"}), json!([{"id": 1, "name": "Ada", "state": "on"}, {"id": 2}]), json!("c2")),
            page(json!({"limit": "2", "cursor": "c2"}), json!([{"id": 3}]), Value::Null),
        ],
    )
    .run();
    let totals = report.totals;
    assert!(report.passed);
    assert_eq!(
        (totals.exchanges, totals.matched, totals.records_in, totals.records_out, totals.pages_followed),
        (2, 2, 3, 3, 1)
    );
    let first = &report.products[0].exchanges[0];
    assert_eq!((first.fields["id"], first.fields["name"], first.fields["status"]), (2, 1, 1));
    assert_eq!(report.products[0].paths_never_seen["users"], [".created"]);
}

#[test]
fn the_base_may_be_missing_where_no_host_was_kept() {
    let report =
        Made::new("recorded", "list", &[exchange("/users", json!({}), 200, json!({"users": [{"id": 1}]}))]).run();
    assert_eq!((report.totals.matched, report.totals.records_out), (1, 1));
}

#[test]
fn a_page_that_we_would_not_read_is_a_difference() {
    let found = differences(&[
        page(json!({}), json!([{"id": 1}]), Value::Null),
        page(json!({"cursor": "c2"}), json!([{"id": 2}]), Value::Null),
    ]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("paging would stop"), "{found:?}");
    // Who looks behind the end and finds nothing shows no page.
    assert_eq!(
        differences(&[
            page(json!({}), json!([{"id": 1}]), Value::Null),
            page(json!({"cursor": "c2"}), json!([]), Value::Null)
        ]),
        Vec::<String>::new()
    );
}

#[test]
fn another_cursor_than_the_recorded_one_is_a_difference() {
    let found = differences(&[
        page(json!({}), json!([{"id": 1}]), json!("c2")),
        page(json!({"cursor": "c9"}), json!([{"id": 2}]), Value::Null),
    ]);
    assert_eq!(found, ["our next request has `cursor=c2`, the recorded one `cursor=c9`"]);
}

#[test]
fn lost_and_repeated_records_are_differences() {
    assert_eq!(
        differences(&[page(json!({}), json!([{"id": 1}, {"name": "Nobody"}]), Value::Null)]),
        ["record 2 has no id"]
    );
    assert_eq!(
        differences(&[page(json!({}), json!([{"id": 1}, {"id": 1}]), Value::Null)]),
        ["1 ids repeat within one answer"]
    );
}

#[test]
fn an_answer_without_the_list_is_a_difference_unless_it_was_asked_otherwise() {
    let answer = json!({"members": []});
    assert_eq!(
        differences(&[exchange("/api/v1/users", json!({"limit": "2"}), 200, answer.clone())]),
        ["the answer has no list at `.users`"]
    );
    assert_eq!(differences(&[exchange("/api/v1/users", json!({}), 200, answer)]), Vec::<String>::new());
}

#[test]
fn values_that_nothing_maps_are_differences() {
    assert_eq!(
        differences(&[page(json!({}), json!([{"id": 1, "state": "asleep"}]), Value::Null)]),
        ["`status`: the value `asleep` is not mapped (1 times)"]
    );
    assert_eq!(
        differences(&[page(json!({}), json!([{"id": 1, "created": "someday"}]), Value::Null)]),
        ["`created_at`: 1 values cannot be read as its type"]
    );
}

#[test]
fn an_error_that_is_taken_for_something_else_is_a_difference() {
    let error = |status| exchange("/api/v1/users", json!({}), status, json!({"message": "no"}));
    assert_eq!(differences(&[error(401)]), Vec::<String>::new());
    assert_eq!(differences(&[error(429)]), ["the error 429 is taken for `permission`"]);
}

#[test]
fn other_calls_are_counted_and_relevant_ones_named() {
    let report = Made::new(
        "recorded",
        "list",
        &[exchange("https://acme.example.com/api/v2/users", json!({}), 200, json!({"users": [{"id": 1}]}))],
    )
    .run();
    assert!(report.passed);
    assert_eq!((report.totals.matched, report.totals.unmatched, report.totals.unmatched_relevant), (0, 1, 1));
    // A list is not the reading of one record, though its last step could be an id.
    let search = Made::new(
        "recorded",
        "list",
        &[exchange("/api/v1/users/search", json!({}), 200, json!({"users": [{"id": 1}]}))],
    )
    .run();
    assert_eq!(search.totals.matched, 0);
}

#[test]
fn records_without_their_envelope_are_mapped() {
    let bare = |records: Value| json!({"request": {"method": "GET", "url_or_path": null, "query": {}, "headers": {}, "body": null}, "response": {"status": 200, "headers": {}, "body": records}});
    let report = Made::new("records-only", "list", &[bare(json!([{"id": 1, "created": "redacted"}, {"id": 2}]))]).run();
    assert!(report.passed, "{report:?}");
    assert_eq!(report.totals.records_out, 2);
    let other = Made::new("records-only", "list", &[bare(json!([{"email": "a@example.com"}]))]).run();
    assert_eq!((other.totals.matched, other.totals.records_in), (0, 0), "records of another API");
}

#[test]
fn a_folder_of_products_skips_what_no_connector_is_about() {
    let made = Made::new("recorded", "list", &[page(json!({}), json!([{"id": 1}]), Value::Null)]);
    made.write("all/unknown/users.1.json", &std::fs::read_to_string(made.0.join("sample/users.1.json")).unwrap());
    made.write("all/sample/users.1.json", &std::fs::read_to_string(made.0.join("sample/users.1.json")).unwrap());
    let catalog = Catalog::of_folder(made.0.join("connectors"));
    let report = replay::run(&catalog, &made.0.join("all"), None).unwrap();
    assert_eq!((report.products.len(), report.skipped.as_slice()), (1, &["unknown".to_owned()][..]));
    assert!(replay::run(&catalog, &made.0.join("all/unknown"), None).is_err());
    assert!(replay::run(&catalog, &made.0.join("all/unknown"), Some("sample")).unwrap().passed);
    assert!(replay::run(&catalog, Path::new("/nowhere"), None).is_err());
}
