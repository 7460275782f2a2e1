//! Checks a file against the JSON Schema of its type and says every mistake at its place.
//! Only what `schemars` writes for our own types is understood; `tests/it/schema.rs` holds that against a full validator.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::Text;
use crate::definition::{Definition, Evidence};
use crate::{Finding, finding::nearest};

static CONNECTOR: LazyLock<Value> = LazyLock::new(|| schema_of::<Definition>("rollcall connector, format version 1"));
static EVIDENCE: LazyLock<Value> = LazyLock::new(|| schema_of::<Evidence>("rollcall evidence"));

fn schema_of<T: schemars::JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    if let Value::Object(members) = &mut schema {
        members.insert("title".to_owned(), Value::String(title.to_owned()));
    }
    schema
}

/// The JSON Schema of `connector.yaml`.
#[must_use]
pub fn connector_schema() -> &'static Value {
    &CONNECTOR
}

/// The JSON Schema of `connector.yaml`, as the file in `schema/` has it.
#[must_use]
pub fn connector_schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&*CONNECTOR).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema of `evidence.yaml`.
#[must_use]
pub fn evidence_schema() -> &'static Value {
    &EVIDENCE
}

/// All places where `json` differs from `schema`.
pub(super) fn check(text: &Text, json: &Value, schema: &Value) -> Vec<Finding> {
    let mut checker = Checker { text, root: schema, findings: Vec::new() };
    checker.value(json, schema, "");
    checker.findings
}

struct Checker<'a> {
    text: &'a Text,
    root: &'a Value,
    findings: Vec<Finding>,
}

impl<'a> Checker<'a> {
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..32 {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { break };
            match self.root.pointer(reference.trim_start_matches('#')) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn value(&mut self, value: &Value, schema: &'a Value, pointer: &str) {
        let schema = self.resolve(schema);
        if let Some(alternatives) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
            return self.alternatives(value, alternatives, pointer);
        }
        if let Some(constant) = schema.get("const") {
            if constant != value {
                self.wrong(pointer, value, &[constant.as_str().unwrap_or_default()]);
            }
            return;
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            if !values.contains(value) {
                let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                self.wrong(pointer, value, &names);
            }
            return;
        }
        if !type_fits(value, schema) {
            let finding =
                self.text.finding("shape", pointer, format!("{} where {} is expected", kind(value), expected(schema)));
            self.findings.push(finding);
            return;
        }
        match value {
            Value::Object(members) => self.object(members, schema, pointer),
            Value::Array(items) => {
                if let Some(item_schema) = schema.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.value(item, item_schema, &format!("{pointer}/{index}"));
                    }
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, members: &Map<String, Value>, schema: &'a Value, pointer: &str) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties");
        for (key, value) in members {
            let child = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            match (properties.and_then(|p| p.get(key)), additional) {
                (Some(property), _) => self.value(value, property, &child),
                (None, Some(Value::Bool(false))) => {
                    let names: Vec<&str> = properties.into_iter().flat_map(Map::keys).map(String::as_str).collect();
                    let finding = self.text.key_finding("unknown_key", &child, format!("unknown key `{key}`"));
                    let hint = match nearest(key, names.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("expected one of {}", listed(&names)),
                    };
                    self.findings.push(finding.hint(hint));
                }
                (None, Some(other)) if other.is_object() => self.value(value, other, &child),
                _ => {}
            }
        }
        for required in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
        {
            if !members.contains_key(required) {
                let finding = self.text.key_finding("missing_key", pointer, format!("`{required}` is missing"));
                let meaning =
                    properties.and_then(|p| p.get(required)).and_then(|p| p.get("description")).and_then(Value::as_str);
                let hint = meaning.map_or_else(
                    || format!("add `{required}`"),
                    |m| format!("add `{required}`: {}", m.trim_end_matches('.')),
                );
                self.findings.push(finding.hint(hint));
            }
        }
    }

    /// Chooses the alternative that the file means, by type and by the tag, and reports against that one only.
    fn alternatives(&mut self, value: &Value, alternatives: &'a [Value], pointer: &str) {
        let resolved: Vec<&Value> = alternatives.iter().map(|a| self.resolve(a)).collect();
        if let Some(object) = value.as_object() {
            let tags: Vec<(&str, &Value)> = resolved.iter().filter_map(|a| Some((tag(a)?, *a))).collect();
            if !tags.is_empty() && tags.len() == resolved.iter().filter(|a| type_fits(value, a)).count() {
                if let Some((_, schema)) = tags.iter().find(|(tag, _)| object.contains_key(*tag)) {
                    return self.value(value, schema, pointer);
                }
                let names: Vec<&str> = tags.iter().map(|(tag, _)| *tag).collect();
                let written = object.keys().next().cloned().unwrap_or_default();
                let child = format!("{pointer}/{written}");
                let finding = self.text.key_finding("unknown_key", &child, format!("unknown kind `{written}`"));
                let hint = match nearest(&written, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("expected one of {}", listed(&names)),
                };
                self.findings.push(finding.hint(hint));
                return;
            }
        }
        if let Some(written) = value.get("kind").and_then(Value::as_str) {
            let kinds: Vec<(&str, &Value)> =
                resolved.iter().filter_map(|a| Some((a.pointer("/properties/kind/const")?.as_str()?, *a))).collect();
            if let Some((_, schema)) = kinds.iter().find(|(kind, _)| *kind == written) {
                return self.value(value, schema, pointer);
            }
            if !kinds.is_empty() {
                let names: Vec<&str> = kinds.iter().map(|(kind, _)| *kind).collect();
                return self.wrong(&format!("{pointer}/kind"), &Value::String(written.to_owned()), &names);
            }
        }
        let mut best: Option<Vec<Finding>> = None;
        for schema in resolved {
            let mut attempt = Checker { text: self.text, root: self.root, findings: Vec::new() };
            attempt.value(value, schema, pointer);
            if attempt.findings.is_empty() {
                return;
            }
            let deeper = type_fits(value, schema);
            if best.as_ref().is_none_or(|best| deeper && attempt.findings.len() <= best.len()) {
                best = Some(attempt.findings);
            }
        }
        self.findings.extend(best.unwrap_or_default());
    }

    fn wrong(&mut self, pointer: &str, value: &Value, names: &[&str]) {
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let finding = self.text.finding("unknown_value", pointer, format!("unknown value `{written}`"));
        let hint = match nearest(&written, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected one of {}", listed(names)),
        };
        self.findings.push(finding.hint(hint));
    }
}

/// The single key of an externally tagged alternative.
fn tag(schema: &Value) -> Option<&str> {
    let required = schema.get("required")?.as_array()?;
    let single = schema.get("properties")?.as_object()?.len() == 1;
    match required.as_slice() {
        [only] if single && schema.get("additionalProperties") == Some(&Value::Bool(false)) => only.as_str(),
        _ => None,
    }
}

fn type_fits(value: &Value, schema: &Value) -> bool {
    let fits = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    match schema.get("type") {
        Some(Value::String(name)) => fits(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(fits),
        _ => true,
    }
}

fn expected(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(name)) => article(name).to_owned(),
        Some(Value::Array(names)) => {
            let names: Vec<&str> =
                names.iter().filter_map(Value::as_str).filter(|n| *n != "null").map(article).collect();
            names.join(" or ")
        }
        _ => "something else".to_owned(),
    }
}

fn article(name: &str) -> &str {
    match name {
        "string" => "a text",
        "array" => "a list",
        "object" => "a map",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "null" => "nothing",
        other => other,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
