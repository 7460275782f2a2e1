//! Bad input: what, where, and what to do; exit code 2 and nothing on stdout.

use crate::run::{rollcall, rollcall_with};

fn refused(arguments: &[&str], parts: &[&str]) {
    let output = rollcall(arguments);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{arguments:?}: {}", output.stderr);
    for part in parts {
        assert!(output.stderr.contains(part), "{arguments:?} should say `{part}`: {}", output.stderr);
    }
}

const OKTA: [&str; 6] = ["--connector", "okta", "--set", "domain=acme.okta.com", "--set", "token=x"];

#[test]
fn unknown_names_have_near_ones() {
    refused(&["list", "users", "--connector", "otka"], &["there is no connector `otka`", "`okta`"]);
    refused(&[&["list", "usres"], &OKTA[..]].concat(), &["unknown resource `usres`", "did you mean `users`"]);
    refused(
        &[&["list", "users", "--filter", "statsu=active"], &OKTA[..]].concat(),
        &["no filter `statsu`", "did you mean `status`"],
    );
    refused(
        &[&["list", "users", "--exclude", "emals"], &OKTA[..]].concat(),
        &["no field `emals`", "did you mean `emails`"],
    );
    refused(
        &[&["list", "users", "--sort", "shoe_size"], &OKTA[..]].concat(),
        &["cannot be sorted by `shoe_size`", "created_at"],
    );
    refused(
        &[&["list", "users", "--query", "workspce_id=1"], &OKTA[..]].concat(),
        &["takes no parameter `workspce_id`"],
    );
    refused(
        &[&["list", "users", "--auth", "api_tokn"], &OKTA[..]].concat(),
        &["unknown auth kind `api_tokn`", "did you mean `api_token`"],
    );
    refused(
        &[&["list", "users", "--set", "domian=x"], &OKTA[..]].concat(),
        &["no setting `domian`", "did you mean `domain`"],
    );
    refused(&[&["list", "billing"], &OKTA[..]].concat(), &["okta has no `billing list`", "users list"]);
}

#[test]
fn missing_settings_are_all_named_at_once() {
    refused(
        &["list", "users", "--connector", "okta"],
        &["`domain`", "`token`", "--set token=env:NAME", "rollcall connector show okta"],
    );
}

#[test]
fn values_that_cannot_be() {
    refused(
        &["list", "users", "--connector", "okta", "--set", "domain=a b", "--set", "token=x"],
        &["`domain` must be a host name"],
    );
    refused(
        &[
            "list",
            "users",
            "--connector",
            "okta",
            "--set",
            "domain=acme.okta.com",
            "--set",
            "token=env:ROLLCALL_TEST_ABSENT",
        ],
        &["no variable `ROLLCALL_TEST_ABSENT`"],
    );
    refused(
        &["list", "users", "--connector", "okta", "--set", "domain=acme.okta.com", "--set", "token=file:/nonexistent"],
        &["cannot read the file `/nonexistent`"],
    );
    refused(&["list", "users", "--connector", "okta", "--set", "domain"], &["not `name=value`"]);
    refused(
        &[&["list", "users", "--base-url", "nonsense"], &OKTA[..]].concat(),
        &["`--base-url nonsense` is not a URL"],
    );
    refused(
        &[&["list", "users", "--filter", "created_at.gte=yesterday"], &OKTA[..]].concat(),
        &["`yesterday` is not a value", "2024-05-01"],
    );
}

#[test]
fn an_unreachable_host_is_the_providers_fault() {
    let output = rollcall_with(
        &[&["list", "users", "--base-url", "http://127.0.0.1:9", "--max-wait", "0"], &OKTA[..]].concat(),
        &[],
    );
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.contains("cannot connect"), "{}", output.stderr);
}

#[test]
fn a_connector_with_mistakes_shows_them_at_their_places() {
    let folder = std::env::temp_dir().join(format!("rollcall-cli-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("broken")).expect("a folder");
    let yaml = "schema: 1\nid: broken\nname: Broken\ncategory: test\ndocs: https://x.example\nauth:\n  token: {fields: {token: {label: T, secret: true}}, header: {Authorization: 'Bearer {tokn}'}}\nhttp: {base: 'https://x.example'}\nresources:\n  users:\n    list: {get: /users, pgae: {none: {}}}\nunified:\n  users: {fields: {id: .id}}\n";
    std::fs::write(folder.join("broken/connector.yaml"), yaml).expect("a file");
    let path = folder.to_string_lossy().into_owned();
    let output = rollcall(&["--connectors", &path, "list", "users", "--connector", "broken", "--set", "token=x"]);
    assert_eq!(output.code, 1);
    assert!(
        output.stderr.contains("unknown key `pgae`")
            && output.stderr.contains("broken/connector.yaml:11:25")
            && output.stderr.contains("did you mean `page`?"),
        "{}",
        output.stderr
    );
    std::fs::write(folder.join("broken/connector.yaml"), yaml.replace("pgae", "page")).expect("a file");
    let output = rollcall(&["--connectors", &path, "list", "users", "--connector", "broken", "--set", "token=x"]);
    let _ = std::fs::remove_dir_all(folder);
    assert!(
        output.stderr.contains("`{tokn}` is not declared")
            && output.stderr.contains("did you mean `{token}`?")
            && output.stderr.contains(":7:"),
        "{}",
        output.stderr
    );
}
