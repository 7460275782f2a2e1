//! Records as JSON Schema (2020-12), made from the model.

use rollcall_model::{Choice, Field, Model, Resource, Type};
use serde_json::{Map, Value, json};

use super::counts::Counts;

/// The name of a resource's record: `User`. Resources of the same fields share one.
#[must_use]
pub fn type_name(resource: &Resource) -> String {
    let first = Model::user_directory().resources.iter().find(|other| other.fields == resource.fields);
    pascal(&singular(first.map_or(&resource.name, |first| &first.name)))
}

/// `activities` → `activity`, `users` → `user`.
#[must_use]
pub fn singular(name: &str) -> String {
    match (name.strip_suffix("ies"), name.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) => stem.to_owned(),
        (None, None) => name.to_owned(),
    }
}

/// `role_assignment` → `RoleAssignment`.
#[must_use]
pub fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(capital).collect()
}

/// A record of a resource. `given` narrows it to the fields of one connector.
#[must_use]
pub fn schema(resource: &Resource, given: Option<&[String]>, counts: Option<&Counts>) -> Value {
    let fields: Vec<&Field> =
        resource.fields.iter().filter(|field| given.is_none_or(|given| given.contains(&field.name))).collect();
    let support = |path: &str| counts.and_then(|counts| counts.field(&resource.name, path));
    let mut schema = object(fields.into_iter(), "", &support);
    schema["description"] = Value::from(resource.description.clone());
    schema["properties"]["remote_data"] = json!({
        "description": "The provider's own record, unchanged; left out with `truto_ignore_remote_data=true`",
    });
    schema
}

/// One field with its meaning.
fn field_schema(field: &Field, path: &str, support: &dyn Fn(&str) -> Option<u64>) -> Value {
    let mut schema = type_schema(&field.ty, path, support);
    schema["description"] = Value::from(field.description.clone());
    if let Some(count) = support(path) {
        schema["x-supported-by"] = Value::from(count);
    }
    schema
}

fn object<'a>(fields: impl Iterator<Item = &'a Field>, path: &str, support: &dyn Fn(&str) -> Option<u64>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in fields {
        let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
        properties.insert(field.name.clone(), field_schema(field, &path, support));
        if field.required {
            required.push(field.name.clone());
        }
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// A type of the model, without its meaning.
#[must_use]
pub fn plain(ty: &Type) -> Value {
    type_schema(ty, "", &|_| None)
}

fn type_schema(ty: &Type, path: &str, support: &dyn Fn(&str) -> Option<u64>) -> Value {
    match ty {
        Type::Id | Type::String => json!({"type": "string"}),
        Type::Email => json!({"type": "string", "format": "email"}),
        Type::Url => json!({"type": "string", "format": "uri"}),
        Type::DateTime => json!({"type": "string", "format": "date-time"}),
        Type::Date => json!({"type": "string", "format": "date"}),
        Type::Boolean => json!({"type": "boolean"}),
        Type::Integer => json!({"type": "integer"}),
        Type::Number => json!({"type": "number"}),
        Type::DecimalString => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"}),
        Type::Enum { values, open } => enumeration(values, *open),
        Type::List { item, .. } => json!({"type": "array", "items": type_schema(item, path, support)}),
        Type::Object { fields } => object(fields.iter(), path, support),
        Type::Map => json!({"type": "object", "additionalProperties": {"type": "string"}}),
    }
}

/// Values with their meanings; an open one takes any text beside them.
fn enumeration(values: &[Choice], open: bool) -> Value {
    let names: Vec<&str> = values.iter().map(|choice| choice.value.as_str()).collect();
    let meanings: Map<String, Value> =
        values.iter().map(|choice| (choice.value.clone(), Value::from(choice.description.clone()))).collect();
    let known = json!({"type": "string", "enum": names, "x-enumDescriptions": meanings});
    if open { json!({"anyOf": [known, {"type": "string"}]}) } else { known }
}
