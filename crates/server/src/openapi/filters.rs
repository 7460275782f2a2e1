//! What filters take, as JSON Schema.

use rollcall_model::{Operator, Parameter, Type};
use serde_json::{Map, Value, json};

use super::record;

/// What a parameter takes: the bare value, several, an operator object, or the members of what is filtered.
#[must_use]
pub fn accepted(parameter: &Parameter) -> Value {
    if parameter.of.is_none() {
        return record::plain(&parameter.ty);
    }
    let dates = parameter.operators.contains(&Operator::Gte);
    match &parameter.ty {
        _ if dates => json!({"anyOf": [reference_schema("Instant"), reference_schema("DateFilter")]}),
        Type::Boolean => record::plain(&parameter.ty),
        Type::List { item, key } if !item.is_scalar() => {
            let members = json!({
                "type": "object",
                "properties": item.fields().iter().map(|field| (field.name.clone(), member(&field.ty, &field.description))).collect::<Map<_, _>>(),
                "additionalProperties": false,
            });
            // A list that one member alone tells apart is asked by it.
            match key.as_ref().map(|key| key.any_of.as_slice()) {
                Some([only]) => {
                    let ty = item.fields().iter().find(|field| field.name == *only).map(|field| &field.ty);
                    json!({"anyOf": [ty.map_or_else(|| json!({"type": "string"}), record::plain), members]})
                }
                _ => members,
            }
        }
        Type::List { item, .. } => several(record::plain(item)),
        ty => several(record::plain(ty)),
    }
}

/// A member of what is filtered: `emails[email]=…`, `licenses[last_active_at][gte]=…`.
fn member(ty: &Type, description: &str) -> Value {
    let mut schema = match ty {
        Type::DateTime | Type::Date => json!({"anyOf": [reference_schema("Instant"), reference_schema("DateFilter")]}),
        Type::Boolean => record::plain(ty),
        ty => json!({"anyOf": [record::plain(ty), reference_schema("In")]}),
    };
    schema["description"] = Value::from(description);
    schema
}

/// One of several values: `status[]=active&status[]=invited`, `status[in]=active,invited`.
fn several(one: Value) -> Value {
    json!({"anyOf": [one.clone(), {"type": "array", "items": one}, reference_schema("In")]})
}

fn reference_schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Schemas that filters refer to.
#[must_use]
pub fn schemas() -> Map<String, Value> {
    let bound = |words: &str| json!({"$ref": "#/components/schemas/Instant", "description": words});
    let all = json!({
        "Instant": {
            "type": "string",
            "description": "A day (`2026-05-01`, from midnight UTC) or a time in ISO 8601",
            "examples": ["2026-05-01", "2026-05-01T12:00:00Z"],
        },
        "DateFilter": {
            "type": "object",
            "description": "Bounds of a time: `created_at[gte]=2026-01-01`",
            "properties": {
                "gt": bound("Later than this"),
                "gte": bound("This or later"),
                "lt": bound("Earlier than this"),
                "lte": bound("This or earlier"),
            },
            "additionalProperties": false,
            "minProperties": 1,
        },
        "In": {
            "type": "object",
            "description": "One of several values: `status[in]=active,invited`",
            "properties": {"in": {"type": "string", "description": "The values, joined by commas"}},
            "required": ["in"],
            "additionalProperties": false,
        },
    });
    if let Value::Object(all) = all { all } else { Map::new() }
}
