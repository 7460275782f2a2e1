//! The schema that editors use is the one that we check with, and our checker agrees with a full validator.

use rollcall_connector::load;
use serde_json::{Value, json};

use crate::made::{CONNECTOR, shipped};

#[test]
fn the_file_is_as_the_program_writes_it() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/connector.schema.json");
    let written = std::fs::read_to_string(file).unwrap();
    assert!(written == load::connector_schema_text(), "run `rollcall connector schema > schema/connector.schema.json`");
}

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(load::connector_schema()).unwrap()
}

/// What our checker says: mistakes of the shape only.
fn ours(id: &str, text: &str) -> bool {
    load::read_definition(id, text, &|base| shipped().file(base, "connector.yaml").map(std::borrow::Cow::into_owned))
        .is_ok()
}

fn tree(text: &str) -> Value {
    rollcall_yaml::parse(text).unwrap().to_json()
}

#[test]
fn every_shipped_connector_is_valid_for_both() {
    let (catalog, validator) = (shipped(), validator());
    for id in catalog.ids() {
        let text = catalog.file(&id, "connector.yaml").unwrap();
        // What extends another is judged after that.
        if tree(&text).get("extends").is_some() {
            continue;
        }
        let own = ours(&id, &text);
        let errors: Vec<String> =
            validator.iter_errors(&tree(&text)).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(own, errors.is_empty(), "{id}: our checker says {own}, the validator says {errors:?}");
    }
}

#[test]
fn both_refuse_the_same_changes() {
    let validator = validator();
    let good = tree(CONNECTOR);
    assert!(validator.is_valid(&good) && ours("sample", CONNECTOR));
    let changes: Vec<(&str, Value)> = vec![
        ("/schema", json!("one")),
        ("/schema", json!(1.5)),
        ("/name", json!(["a"])),
        ("/aliases", json!("a")),
        ("/aliases", json!([1])),
        ("/settings/domain/is", json!("hostname")),
        ("/settings/domain/label", Value::Null),
        ("/settings/domain/colour", json!("red")),
        ("/auth", json!([])),
        ("/auth/api_token/header", json!({"A": 1})),
        ("/http/base", json!(7)),
        ("/http/concurrency", json!(-1)),
        ("/http/errors", json!({"rules": [{"status": 403}]})),
        ("/http/errors", json!({"codes": {"a": "denied"}})),
        ("/resources/users/list/page", json!({"cursors": {}})),
        ("/resources/users/list/page", json!({"cursor": {"at": ".a"}})),
        ("/resources/users/list/page", json!({"cursor": {"at": 3, "param": "b"}})),
        ("/resources/users/list/page", json!("none")),
        ("/resources/users/list/items", json!({"rows": ".a"})),
        ("/resources/users/list/format", json!("yaml")),
        ("/resources/users/list/format", json!({"xml": {"array": []}})),
        ("/resources/users/list/cap", json!("many")),
        ("/resources/users/list/emty", json!("ok")),
        ("/unified/users/fields", json!([])),
        ("/unified/users/field", json!({})),
    ];
    for (pointer, value) in changes {
        let mut changed = good.clone();
        put(&mut changed, pointer, value.clone());
        // JSON is YAML.
        let text = serde_json::to_string_pretty(&changed).unwrap();
        assert!(!validator.is_valid(&changed), "the validator takes {pointer} = {value}");
        assert!(!ours("sample", &text), "our checker takes {pointer} = {value}");
    }
    let fine: Vec<(&str, Value)> = vec![
        ("/aliases", json!(["a"])),
        ("/resources/users/list/format", json!("csv")),
        ("/resources/users/list/format", json!({"xml": {"arrays": ["a"]}})),
        ("/resources/users/list/page", json!({"none": {}})),
        ("/resources/users/list/items", json!({"rows": ".a", "columns": {"header": true}})),
        ("/http/rate", json!({"reset": {"header": "x", "unit": "seconds"}})),
        ("/http/requests_per_second", json!(0.5)),
    ];
    for (pointer, value) in fine {
        let mut changed = good.clone();
        put(&mut changed, pointer, value.clone());
        let text = serde_json::to_string_pretty(&changed).unwrap();
        assert!(validator.is_valid(&changed), "the validator refuses {pointer} = {value}");
        assert!(ours("sample", &text), "our checker refuses {pointer} = {value}");
    }
}

fn put(tree: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    tree.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(name.to_owned(), value);
}
