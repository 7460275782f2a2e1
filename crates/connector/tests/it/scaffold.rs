//! New connectors.

use rollcall_connector::load;
use rollcall_connector::scaffold::{MARK, files};

use crate::spec::DESCRIPTION;

fn file(files: &[(String, String)], path: &str) -> String {
    files.iter().find(|(known, _)| known == path).map(|(_, text)| text.clone()).unwrap_or_else(|| panic!("no {path}"))
}

#[track_caller]
fn is_readable(slug: &str, files: &[(String, String)]) {
    let text = file(files, "connector.yaml");
    if let Err(findings) = load::read_definition(slug, &text, &|_| None) {
        panic!("{findings:#?}\n{text}");
    }
    for path in ["evidence.yaml", "cases/basic/case.yaml"] {
        rollcall_yaml::parse(&file(files, path)).unwrap_or_else(|fault| panic!("{path}: {fault}"));
    }
}

#[test]
fn from_nothing() {
    let files = files("new-one", None, None).unwrap();
    is_readable("new-one", &files);
    let readme = file(&files, "README.md");
    for heading in
        ["What is listed", "Credential, step by step", "Least permissions", "How people leave", "Limits", "Not covered"]
    {
        assert!(readme.contains(&format!("\n## {heading}\n")), "{heading}");
    }
    assert!(files.iter().filter(|(_, text)| text.contains(MARK)).count() >= 4);
}

#[test]
fn from_an_extract() {
    let files = files("sample", Some(DESCRIPTION), None).unwrap();
    is_readable("sample", &files);
    let text = file(&files, "connector.yaml");
    for line in [
        "base: \"https://{tenant}.example.com/api/v1\"",
        "get: \"/users\"",
        "items: \".users\"",
        "get: \"/users/{id}\"",
        "id: \".id\"",
        "emails: [{email: \".email\", is_primary: true}]",
        "param: \"cursor\"",
    ] {
        assert!(text.contains(line), "`{line}` is missing in\n{text}");
    }
    assert!(!text.contains("status:") && text.contains("# .state"), "what a state means is not guessed");
}

#[test]
fn from_openapi() {
    let description = r##"{"openapi": "3.0.0", "info": {"title": "Team Tool"}, "servers": [{"url": "https://api.example.com/v2"}],
      "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "schemas": {"Member": {"allOf": [{"type": "object", "properties": {"uuid": {"type": "string"}, "display_name": {"type": "string"}, "tags": {"type": "array", "items": {}}}}]}}},
      "paths": {
        "/projects/{p}/users": {"get": {"responses": {}}},
        "/members": {"get": {"parameters": [{"in": "query", "name": "page"}, {"in": "query", "name": "per_page"}],
          "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {"total": {"type": "integer"}, "members": {"type": "array", "items": {"$ref": "#/components/schemas/Member"}}}}}}}}}},
        "/members/{memberId}": {"get": {"responses": {}}},
        "/users": {"post": {}}}}"##;
    let files = files("team-tool", Some(description), None).unwrap();
    is_readable("team-tool", &files);
    let text = file(&files, "connector.yaml");
    // Of the two lists the one that needs no project.
    for line in [
        "name: \"Team Tool\"",
        "\"X-Key\": \"{token}\"",
        "get: \"/members\"",
        "items: \".members\"",
        "get: \"/members/{id}\"",
        "id: \".uuid\"",
        "name: \".display_name\"",
        "{page: {param: \"page\", size: {param: \"per_page\", max: 100}}}",
    ] {
        assert!(text.contains(line), "`{line}` is missing in\n{text}");
    }
}

#[test]
fn from_a_sample() {
    let sample = r#"{"data": {"people": [{"id": 1, "firstName": "Ada", "profile": {"mail": "a"}}]}, "paging": {"nextCursor": "x"}, "types": [{"a": 1}]}"#;
    let files = files("sample", None, Some(sample)).unwrap();
    is_readable("sample", &files);
    let text = file(&files, "connector.yaml");
    for line in [
        "first_name: \".firstName\"",
        "# .profile.mail",
        "# The sample has .paging.nextCursor",
        "items: \".data.people\"",
        "{cursor: {at: \".paging.nextCursor\", param: cursor}}",
    ] {
        assert!(text.contains(line), "`{line}` is missing in\n{text}");
    }
    assert!(!file(&files, "cases/basic/users.1.json").contains("Ada"), "a sample may hold real people");
}

#[test]
fn every_description_at_hand_gives_a_readable_connector() {
    let Some(folder) = crate::made::shared("specs") else { return };
    let mut read = 0;
    for entry in std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "json"))
    {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let files = files("new-one", Some(&text), None)
            .unwrap_or_else(|message| panic!("{}: {message}", entry.path().display()));
        let text = file(&files, "connector.yaml");
        if let Err(findings) = load::read_definition("new-one", &text, &|_| None) {
            panic!("{}: {findings:#?}\n{text}", entry.path().display());
        }
        read += 1;
    }
    assert!(read > 100);
}

#[test]
fn wrong_names_and_files_are_refused() {
    for slug in ["", "Acme", "a_b", "-a", "a/../b"] {
        assert!(files(slug, None, None).is_err(), "{slug}");
    }
    assert!(files("a", Some("no json"), None).is_err());
    assert!(files("a", Some("{}"), None).is_err());
    assert!(files("a", None, Some("no json")).is_err());
}
