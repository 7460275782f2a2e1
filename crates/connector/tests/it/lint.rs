//! Every rule has a connector that keeps it (the flawless one) and one that breaks it.

use std::collections::BTreeSet;

use rollcall_connector::lint::{self, Evidence};

use crate::made::{BODY, CASE, Made};

fn broken(made: &Made) -> Vec<String> {
    rules(made, &Evidence::default())
}

fn rules(made: &Made, evidence: &Evidence<'_>) -> Vec<String> {
    let catalog = made.catalog();
    let found: BTreeSet<String> =
        lint::check(&catalog, &catalog.ids(), evidence).into_iter().map(|finding| finding.rule).collect();
    found.into_iter().collect()
}

#[track_caller]
fn change_breaks(rule: &str, path: &str, from: &str, to: &str) {
    let made = Made::new();
    made.change(path, from, to);
    assert_eq!(broken(&made), [rule]);
}

const FILE: &str = "sample/connector.yaml";

#[test]
fn a_flawless_connector_has_no_finding() {
    let made = Made::new();
    let catalog = made.catalog();
    assert_eq!(lint::check(&catalog, &catalog.ids(), &Evidence::default()), []);
}

#[test]
fn what_the_loader_finds_comes_alone() {
    let made = Made::new();
    made.change(FILE, "category:", "kategory:");
    made.remove("sample/README.md");
    assert_eq!(broken(&made), ["missing_key", "unknown_key"]);
}

#[test]
fn email_used_as_id() {
    change_breaks("email_used_as_id", FILE, "id: .id", "id: .email");
}

#[test]
fn filter_narrower_than_mapping() {
    change_breaks("filter_narrower_than_mapping", FILE, "\"suspended,locked\"", "suspended");
}

#[test]
fn missing_case() {
    let made = Made::new();
    made.remove("sample/cases/leavers");
    assert_eq!(broken(&made), ["missing_case"]);
}

#[test]
fn missing_docs_url() {
    change_breaks("missing_docs_url", FILE, "      docs: https://docs.example.com/api/users\n", "");
}

#[test]
fn missing_evidence() {
    let made = Made::new();
    made.remove("sample/evidence.yaml");
    assert_eq!(broken(&made), ["missing_evidence"]);
    let made = Made::new();
    made.write("sample/evidence.yaml", "resources: {users: {sources: []}}\n");
    assert_eq!(broken(&made), ["missing_evidence"]);
}

#[test]
fn evidence_without_two_sources() {
    change_breaks(
        "evidence_without_two_sources",
        "sample/evidence.yaml",
        "      - {kind: code, repo: example/sdk, path: users.py, on: 2026-01-02}\n",
        "",
    );
}

#[test]
fn not_https() {
    change_breaks("not_https", FILE, "get: /users\n", "get: \"http://{domain}/users\"\n");
}

#[test]
fn provider_not_paged() {
    change_breaks(
        "provider_not_paged",
        FILE,
        "      page: {cursor: {at: .next, param: cursor, size: {param: limit, max: 100}}}\n",
        "",
    );
    change_breaks(
        "provider_not_paged",
        FILE,
        "page: {cursor: {at: .next, param: cursor, size: {param: limit, max: 100}}}",
        "",
    );
}

#[test]
fn readme_heading_missing() {
    change_breaks("readme_heading_missing", "sample/README.md", "## How people leave\n", "## Leavers\n");
}

#[test]
fn real_personal_data() {
    change_breaks("real_personal_data", "sample/cases/basic/users.json", "ada@example.com", "ada@corp.example.io");
    change_breaks("real_personal_data", "sample/cases/basic/users.json", "Ada", "+1 212 736 5000");
}

#[test]
fn secret_not_marked() {
    change_breaks(
        "secret_not_marked",
        FILE,
        "token: {label: API token, secret: true}",
        "token: {label: API token, secret: true}\n      signing_secret: {label: Signing secret}\n    query: {s: \"{signing_secret}\"}",
    );
}

#[test]
fn source_path_not_in_samples() {
    change_breaks("source_path_not_in_samples", FILE, "name: .name", "name: .full_name");
}

#[test]
fn status_not_exhaustive() {
    let made = Made::new();
    made.write("sample/cases/basic/users.json", &BODY.replace("\"locked\"", "\"gone\""));
    assert_eq!(broken(&made), ["status_not_exhaustive"]);
    // Who puts an unknown value into a case on purpose says so.
    made.write("sample/cases/basic/case.yaml", &format!("# gone is a state that nobody knows\n{CASE}"));
    assert_eq!(broken(&made), Vec::<String>::new());
}

#[test]
fn token_like_string() {
    // Put together here, so that this file does not hold one.
    let token = format!("{}_{}", "ghp", "a1".repeat(18));
    change_breaks("token_like_string", "sample/cases/basic/users.json", "Ada", &token);
}

#[test]
fn unused_setting() {
    change_breaks("unused_setting", FILE, "settings:\n", "settings:\n  region: {label: Region}\n");
}

#[test]
fn spec_mismatch() {
    let made = Made::new();
    let specs = made.folder().join("specs");
    std::fs::create_dir_all(&specs).unwrap();
    let spec = crate::spec::DESCRIPTION;
    std::fs::write(specs.join("sample.json"), spec).unwrap();
    let evidence = Evidence { specs: Some(&specs), recordings: None };
    assert_eq!(rules(&made, &evidence), Vec::<String>::new());
    std::fs::write(specs.join("sample.json"), spec.replace("\"email\"", "\"mail\"")).unwrap();
    assert_eq!(rules(&made, &evidence), ["spec_mismatch"]);
}

#[test]
fn an_exception_excuses_and_a_needless_one_is_found() {
    let made = Made::new();
    made.change(FILE, "page: {cursor: {at: .next, param: cursor, size: {param: limit, max: 100}}}", "");
    made.write("exceptions.txt", "# debts\nprovider_not_paged sample The provider gives all at once.\n");
    assert_eq!(broken(&made), Vec::<String>::new());
    for needless in [
        "provider_not_paged other Why",
        "no_such_rule sample Why",
        "missing_case sample Why",
        "provider_not_paged sample",
    ] {
        let made = Made::new();
        made.write("exceptions.txt", &format!("{needless}\n"));
        assert_eq!(broken(&made), ["needless_exception"], "{needless}");
    }
    // Without the descriptions nobody can say whether this one is needed.
    made.write(
        "exceptions.txt",
        "provider_not_paged sample All at once.\nspec_mismatch sample The description is old.\n",
    );
    assert_eq!(broken(&made), Vec::<String>::new());
}

#[test]
fn every_rule_explains_itself_and_is_named_once() {
    let mut names = BTreeSet::new();
    for rule in lint::rules() {
        assert!(names.insert(rule.name), "{} is there twice", rule.name);
        assert!(!rule.description.is_empty() && !rule.why.is_empty() && !rule.fix.is_empty(), "{}", rule.name);
        assert!(std::ptr::eq(lint::rule(rule.name).unwrap(), rule));
    }
}
