//! Whether a schema has a path.

use serde_json::{Map, Value};

use crate::paths::ELEMENT;

/// What a schema says about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Has {
    No,
    /// The description ends above it, or leaves the members open.
    Open,
    Yes,
}

/// Whether the schema has the path.
pub(super) fn has(schema: &Value, steps: &[String]) -> Has {
    let mut best = Has::No;
    for schema in alternatives(schema) {
        best = best.max(one(schema, steps));
    }
    best
}

/// The schemas at the end of a path.
pub(super) fn at<'a>(schema: &'a Value, steps: &[String]) -> Vec<&'a Value> {
    let Some((step, rest)) = steps.split_first() else { return alternatives(schema) };
    let mut found = Vec::new();
    for schema in alternatives(schema) {
        for next in children(schema, step) {
            found.extend(at(next, rest));
        }
    }
    found
}

/// The listed values at the end of a path.
pub(super) fn values(schema: &Value, steps: &[String]) -> Vec<String> {
    let listed =
        at(schema, steps).into_iter().filter_map(|schema| schema.get("enum").and_then(Value::as_array)).flatten();
    listed.filter(|value| value.is_string() || value.is_number()).map(crate::request::text).collect()
}

/// The schema itself and the parts it is made of.
fn alternatives(schema: &Value) -> Vec<&Value> {
    let mut all = vec![schema];
    for word in ["anyOf", "oneOf", "allOf"] {
        for part in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
            all.extend(alternatives(part));
        }
    }
    all
}

fn children<'a>(schema: &'a Value, step: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    let properties = schema.get("properties").and_then(Value::as_object);
    let additional = schema.get("additionalProperties").filter(|more| more.is_object());
    let index = step == ELEMENT || step.bytes().all(|byte| byte.is_ascii_digit());
    if let (Some(items), true) = (schema.get("items"), index) {
        found.push(items);
    }
    if step == "*" {
        found.extend(properties.into_iter().flat_map(Map::values));
        found.extend(additional);
    } else {
        found.extend(properties.and_then(|members| members.get(step)).or(additional));
    }
    found
}

fn one(schema: &Value, steps: &[String]) -> Has {
    let Some((step, rest)) = steps.split_first() else { return Has::Yes };
    let children = children(schema, step);
    if !children.is_empty() {
        return children.into_iter().map(|child| has(child, rest)).max().unwrap_or(Has::No);
    }
    // Members that the extract cut off are named, not described.
    if let Some(cut) = schema.get("x-truncated").and_then(Value::as_array) {
        return if cut.iter().any(|name| name.as_str() == Some(step)) {
            if rest.is_empty() { Has::Yes } else { Has::Open }
        } else {
            Has::No
        };
    }
    if is_open(schema) { Has::Open } else { Has::No }
}

/// An object or anything of which the description says no more.
fn is_open(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else { return schema.is_null() || schema == &Value::Bool(true) };
    let flagged = ["x-truncated", "x-recursive", "x-clipped-depth", "x-navigation", "x-connection"]
        .iter()
        .any(|word| members.contains_key(*word));
    let free = members.get("additionalProperties").is_some_and(|more| more == &Value::Bool(true));
    let kind = members.get("type").and_then(Value::as_str);
    let bare = !members.contains_key("properties")
        && !members.contains_key("items")
        && !["anyOf", "oneOf", "allOf"].iter().any(|word| members.contains_key(*word));
    flagged || free || (bare && matches!(kind, None | Some("object" | "array" | "any")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::paths::steps;

    #[test]
    fn finds_paths_in_all_shapes() {
        let schema = json!({"type": "object", "properties": {
            "emails": {"type": "array", "items": {"allOf": [{"properties": {"value": {"type": "string"}}}, {"properties": {"kind": {"enum": ["home", 3]}}}]}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "custom": {"type": "object"},
            "team": {"type": "object", "x-truncated": ["id", "name"]},
            "name": {"type": "string"}
        }});
        let judge = |path: &str| has(&schema, &steps(path));
        assert_eq!(judge(".emails[].value"), Has::Yes);
        assert_eq!(judge(".emails.0.kind"), Has::Yes);
        assert_eq!(judge(".labels.any"), Has::Yes);
        assert_eq!(judge(".labels.*"), Has::Yes);
        assert_eq!(judge(".custom.deep.down"), Has::Open);
        assert_eq!(judge(".team.name"), Has::Yes);
        assert_eq!(judge(".team.name.x"), Has::Open);
        assert_eq!(judge(".team.colour"), Has::No);
        assert_eq!(judge(".emails[].type"), Has::No);
        assert_eq!(judge(".name.first"), Has::No);
        assert_eq!(judge("."), Has::Yes);
        assert_eq!(values(&schema, &steps(".emails[].kind")), ["home", "3"]);
    }
}
