//! The document, and answers held against it.

use std::sync::{Arc, OnceLock};

use rollcall_connector::Catalog;
use rollcall_server::openapi;
use serde_json::{Map, Value, json};

use crate::world::{Answer, catalog};

/// Headers that any HTTP answer may have.
const OF_HTTP: [&str; 15] = [
    "content-type",
    "content-length",
    "transfer-encoding",
    "date",
    "cache-control",
    "x-content-type-options",
    "referrer-policy",
    "x-frame-options",
    "cross-origin-resource-policy",
    "content-security-policy",
    "x-accel-buffering",
    "connection",
    "vary",
    "strict-transport-security",
    "permissions-policy",
];

/// The document over the catalogue of the tests.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| openapi::document(&catalog()))
}

/// The document over the connectors of the binary alone: what is checked in.
pub fn of_binary() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| openapi::document(&embedded()))
}

/// All routes of the document, made once.
pub fn routes() -> &'static [(&'static str, &'static str, String)] {
    static ROUTES: OnceLock<Vec<(&'static str, &'static str, String)>> = OnceLock::new();
    ROUTES.get_or_init(openapi::described)
}

/// What a reference leads to, or the thing itself.
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(at) => document.pointer(at.trim_start_matches('#')).unwrap_or_else(|| panic!("{at} leads nowhere")),
        None => value,
    }
}

/// Path, method and operation, all of the document.
pub fn operations() -> Vec<(&'static str, &'static str, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

/// Holds an answer against the operation that gave it: status, headers, content type, and every member of the body.
pub fn hold(path: &str, method: &str, answer: &Answer) {
    hold_as(path, method, answer, false);
}

/// Holds an answer that may be the provider's own.
pub fn hold_raw(path: &str, method: &str, answer: &Answer) {
    hold_as(path, method, answer, true);
}

fn hold_as(path: &str, method: &str, answer: &Answer, is_raw: bool) {
    let document = document();
    let operation = &document["paths"][path][method];
    assert!(operation.is_object(), "{method} {path} is not described");
    let place = format!("{method} {path} {}", answer.status);
    let response = match &operation["responses"][answer.status.to_string()] {
        Value::Null => panic!("{place} is not described: {}", answer.text()),
        written => resolved(document, written),
    };
    let described = response["headers"].as_object().unwrap();
    for name in answer.headers.keys().map(|name| name.as_str()).filter(|name| !OF_HTTP.contains(name)) {
        assert!(
            described.keys().any(|known| known.eq_ignore_ascii_case(name)),
            "{place}: the header {name} is not described"
        );
    }
    let Some(content) = response["content"].as_object() else {
        assert!(answer.body.is_empty(), "{place} has a body: {}", answer.text());
        return;
    };
    let kind = answer
        .header("content-type")
        .unwrap_or_else(|| panic!("{place} says no content type"))
        .split(';')
        .next()
        .unwrap();
    let media =
        content.get(kind).or_else(|| content.get("*/*")).unwrap_or_else(|| panic!("{place}: {kind} is not described"));
    match kind {
        "application/json" => {
            // Anything may be a provider's own answer: held against the others.
            let mut schema = media["schema"].clone();
            let several = schema.get_mut("anyOf").and_then(Value::as_array_mut);
            if let (Some(all), false) = (several, is_raw) {
                all.retain(|one| one["$ref"] != "#/components/schemas/Raw");
            }
            hold_body(&schema, &answer.json(), &place);
        }
        "application/x-ndjson" => {
            for line in answer.text().lines() {
                hold_body(&media["schema"]["contentSchema"], &serde_json::from_str(line).unwrap(), &place);
            }
        }
        _ => {}
    }
}

/// Holds a value against a schema of the document, strictly: a member that is not described is a fault.
pub fn hold_body(schema: &Value, body: &Value, place: &str) {
    let validator = strict(document(), schema);
    let faults: Vec<String> = validator
        .iter_errors(body)
        .map(|fault| {
            format!("{} at {}", fault.to_string().chars().take(300).collect::<String>(), fault.instance_path())
        })
        .collect();
    assert!(faults.is_empty(), "{place}: {faults:#?}\nin {body:#}");
}

/// A validator for a schema of a document whose objects have no further members.
pub fn strict(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": {"schemas": document["components"]["schemas"]},
        "allOf": [schema],
    });
    close(&mut root["components"]);
    close(&mut root["allOf"]);
    jsonschema::options().should_validate_formats(true).build(&root).unwrap_or_else(|fault| panic!("{fault}"))
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let open = members.get("properties").is_some_and(Value::is_object)
                && members.get("type") == Some(&json!("object"));
            if open && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// A document without what changes with every connector.
pub fn without_counts(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let of_connectors = ["x-supported-by", "x-provider-side", "x-required-by", "x-notes", "x-connectors"];
            let kept = members.iter().filter(|(name, _)| !of_connectors.contains(&name.as_str()));
            kept.map(|(name, member)| (name.clone(), without_counts(member))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(without_counts).collect(),
        other => other.clone(),
    }
}

/// The connectors of the binary.
pub fn embedded() -> Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    Arc::clone(CATALOG.get_or_init(|| Arc::new(Catalog::embedded())))
}

/// The ids of those that have no mistakes.
pub fn slugs() -> Vec<String> {
    embedded().ids().into_iter().filter(|id| embedded().connector(id).is_ok()).collect()
}
